import SpindleTensors

/// A dataset of an HDF5 file, or an attribute, which is read as one: its shape and type are known,
/// its elements are read when asked for.
public struct HDF5Dataset: Sendable {
  /// Where it is in the file, as in "/spikes/times"; of an attribute the object's path, "@" and its
  /// name.
  public let path: String
  /// The dimensions, the slowest first; empty for a single element.
  public let shape: [Int]
  /// Of an element.
  public let type: HDF5Type
  /// The number of elements.
  public let count: Int
  /// Whether there is no element at all, not even a shape (a "null dataspace").
  public let isNull: Bool

  let header: ObjectHeader
  /// In the image; nil for a dataset, whose layout is read with its elements.
  private let inline: Range<Int>?

  init(_ header: ObjectHeader) throws(HDF5Error) {
    guard header.isDataset else {
      throw .wrongKind(
        object: header.object, expected: "a dataset",
        found: header.isGroup ? "a group" : "a named type")
    }
    guard var space = try header.first(.dataspace), var type = try header.first(.datatype) else {
      throw .damaged(
        object: header.object, offset: header.address, reason: "a dataset without shape or type")
    }
    try self.init(
      header, path: header.object, try Dataspace(&space), try HDF5Type(&type), inline: nil)
  }

  init(
    _ header: ObjectHeader, path: String, _ space: Dataspace, _ type: HDF5Type,
    inline: Range<Int>?
  ) throws(HDF5Error) {
    shape = space.shape ?? []
    isNull = space.shape == nil
    guard let count = space.count,
      elementCount(of: [count, type.byteCount(header.image)]) != nil
    else {
      throw .tooLarge(
        object: path, shape: shape, reason: "its elements do not fit the address space")
    }
    self.count = count
    self.path = path
    self.type = type
    self.header = header
    self.inline = inline
  }

  /// The elements as they stand in the file, in row-major order.
  func bytes() throws(HDF5Error) -> [UInt8] {
    let size = type.byteCount(header.image)
    let byteCount = count * size
    guard byteCount > 0 else { return [] }
    if let inline { return try slice(inline, byteCount) }
    try header.refuseExternalFiles()
    guard var cursor = try header.first(.layout) else { return [] }
    let start = cursor
    var filters = Filters()
    if var pipeline = try header.first(.filters) {
      filters = try Filters(&pipeline, elementSize: size)
    }
    switch try Layout(&cursor, rank: shape.count, elementSize: size) {
    case .compact(let range): return try slice(range, byteCount)
    case .contiguous(nil): return try unwritten(byteCount, size)
    case .contiguous(let address?):
      guard filters.isEmpty else { throw start.damaged("filters without chunks") }
      var content = try Cursor(header.image, at: address, object: path)
      return try slice(try content.take(byteCount), byteCount)
    case .chunked(let chunks):
      return try ChunkReader(
        header: header, chunks: chunks, filters: filters, shape: shape, elementSize: size
      ).bytes(byteCount: byteCount)
    }
  }

  private func slice(_ range: Range<Int>, _ byteCount: Int) throws(HDF5Error) -> [UInt8] {
    guard range.count >= byteCount else {
      throw .damaged(
        object: path, offset: range.lowerBound,
        reason: "\(range.count) bytes of elements, expected \(byteCount)")
    }
    return Array(header.image.bytes[range.lowerBound..<range.lowerBound + byteCount])
  }

  private func unwritten(_ byteCount: Int, _ size: Int) throws(HDF5Error) -> [UInt8] {
    guard byteCount <= ChunkReader.largestUnstored else {
      throw .tooLarge(object: path, shape: shape, reason: "nothing of it is in the file")
    }
    let fill = try header.fillValue(elementSize: size)
    return Array(repeatElement(fill, count: count).joined())
  }

  /// The attributes by name, each read as a dataset is.
  ///
  /// - Throws: for one that is damaged, and for attributes too many to stand in the dataset's header.
  public var attributes: [String: HDF5Dataset] {
    get throws(HDF5Error) { try header.attributes }
  }
}

extension ObjectHeader {
  /// The attributes by name (IV.A.2.m).
  var attributes: [String: HDF5Dataset] {
    get throws(HDF5Error) {
      if var cursor = try first(.attributeInformation) {
        try Links.refuseDense(&cursor, countSize: 2, "many attributes in a fractal heap")
      }
      var attributes: [String: HDF5Dataset] = [:]
      for var cursor in try all(.attribute) {
        let (name, attribute) = try readAttribute(&cursor)
        guard attributes.updateValue(attribute, forKey: name) == nil else {
          throw cursor.damaged("two attributes of the same name")
        }
      }
      return attributes
    }
  }

  private func readAttribute(_ cursor: inout Cursor) throws(HDF5Error) -> (String, HDF5Dataset) {
    let version = try cursor.version(1...3, of: "an attribute")
    let flags = try cursor.byte()
    guard version == 1 || flags & 3 == 0 else {
      throw cursor.unsupported("an attribute of a shared type")
    }
    let sizes = (try cursor.count(2), try cursor.count(2), try cursor.count(2))
    if version == 3 { try cursor.skip(1) }
    let pads = version == 1
    var label = try cursor.padded(sizes.0, pads)
    let name = try label.text(sizes.0)
    var type = try cursor.padded(sizes.1, pads)
    var space = try cursor.padded(sizes.2, pads)
    let attribute = try HDF5Dataset(
      self, path: "\(object)@\(name)", try Dataspace(&space), try HDF5Type(&type),
      inline: cursor.position..<cursor.end)
    return (name, attribute)
  }
}

extension Cursor {
  /// A cursor over the next `size` bytes, which may be filled up to eight.
  fileprivate mutating func padded(_ size: Int, _ pads: Bool) throws(HDF5Error) -> Cursor {
    try part(pads ? (size + 7) / 8 * 8 : size)
  }
}
