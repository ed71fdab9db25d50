import SpindleFiles

extension HDF5File {
  /// The bytes of a file that holds these members of the root group. The layout is that of the
  /// oldest library: superblock 0, version 1 of object headers, contiguous datasets. The same
  /// members give the same bytes.
  ///
  /// - Throws: `notWritable` for a name that is empty or holds "/" or NUL, for a text with a NUL,
  ///   and for a shape that is not that of the elements.
  public static func encoded(_ members: [String: HDF5Node]) throws(HDF5Error) -> [UInt8] {
    var writer = Writer()
    return try writer.file(members)
  }

  /// Writes a file at `path` through `AtomicFile`: on an error an old file stays as it was.
  ///
  /// - Throws: as `encoded(_:)`, and `file` if the system refuses.
  public static func write(_ members: [String: HDF5Node], to path: String) throws(HDF5Error) {
    let bytes = try encoded(members)
    try rethrowing(try AtomicFile.write(bytes, to: path), as: HDF5Error.file)
  }
}
