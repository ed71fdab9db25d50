import SpindleFiles

/// An HDF5 file, of the part of the format that science exchanges: superblocks 0 to 3, groups with
/// symbol tables or few links, numbers, texts and rows of variable length, contiguous, compact and
/// chunked, packed by deflate and shuffle or not at all. What else there is is refused, with a reason.
///
/// A file is read from memory. A damaged one, or one made to do harm, ends in an error: every address
/// and size is checked before it is used, no memory is taken for what the file cannot hold, and no
/// other file is opened, whatever a link or a dataset says. The sections named in the sources are of
/// the "HDF5 File Format Specification Version 3.0" of The HDF Group.
public struct HDF5File: Sendable {
  /// The group of which all objects are members.
  public let root: HDF5Group

  /// Reads the content of a file.
  ///
  /// - Throws: `notHDF5`, `truncated`, or what is wrong with the root group.
  public init(bytes: [UInt8]) throws(HDF5Error) {
    let superblock = try Superblock(of: bytes)
    root = try HDF5Group(
      try ObjectHeader(superblock.image, at: superblock.root, object: "/"), ancestors: [])
  }

  /// Reads the regular file at `path`, which has to fit in memory.
  ///
  /// - Throws: `file` if it cannot be read, else `inFile` with the path and the fault found. What is
  ///   read from it later tells faults without the path.
  public init(contentsOf path: String) throws(HDF5Error) {
    let bytes = try rethrowing(try readFile(path), as: HDF5Error.file)
    self = try rethrowing(try HDF5File(bytes: bytes)) { (error: HDF5Error) in
      HDF5Error.inFile(path: path, error)
    }
  }

  /// The group at a path such as "/spikes".
  public func group(_ path: String) throws(HDF5Error) -> HDF5Group { try root.group(path) }

  /// The dataset at a path such as "/spikes/times".
  public func dataset(_ path: String) throws(HDF5Error) -> HDF5Dataset {
    try root.dataset(path)
  }
}
