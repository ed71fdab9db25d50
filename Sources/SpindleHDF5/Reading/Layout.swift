import SpindleJSON
import SpindleTensors

/// Where a dataset's elements stand (IV.A.2.i).
enum Layout {
  /// In the object's header.
  case compact(Range<Int>)
  /// In one piece; nil where nothing was written.
  case contiguous(Int?)
  /// In chunks of one shape.
  case chunked(Chunks)

  struct Chunks {
    /// How the chunks are found.
    enum Index {
      case tree(Int?)
      /// One chunk; its bytes in the file and the filters that it was not sent through.
      case single(Int?, byteCount: Int?, mask: Int)
      /// All chunks one after the other.
      case implicit(Int?)
    }

    let shape: [Int]
    let index: Index
    /// Whether chunks that reach over the edge are stored without filters.
    var keepsEdgesUnfiltered = false
  }

  init(_ cursor: inout Cursor, rank: Int, elementSize: Int) throws(HDF5Error) {
    let version = try cursor.byte()
    guard version == 3 || version == 4 else {
      throw cursor.unsupported("version \(version) of a dataset's layout")
    }
    let kind = try cursor.byte()
    switch kind {
    case 0: self = .compact(try cursor.take(try cursor.count(2)))
    case 1: self = .contiguous(try cursor.address())
    case 2 where version == 3: self = .chunked(try Self.tree(&cursor, rank, elementSize))
    case 2: self = .chunked(try Self.indexed(&cursor, rank, elementSize))
    case 3:
      throw cursor.unsupported("a virtual dataset, made of other files", isRepackable: false)
    default: throw cursor.damaged("a layout of class \(kind)")
    }
  }

  /// Version 3: a B-tree of version 1.
  private static func tree(
    _ cursor: inout Cursor, _ rank: Int, _ elementSize: Int
  ) throws(HDF5Error) -> Chunks {
    let dimensions = try cursor.byte()
    let address = try cursor.address()
    let shape = try shape(&cursor, dimensions, width: 4, rank, elementSize)
    return Chunks(shape: shape, index: .tree(address))
  }

  /// Version 4: an index for each kind of dataset.
  private static func indexed(
    _ cursor: inout Cursor, _ rank: Int, _ elementSize: Int
  ) throws(HDF5Error) -> Chunks {
    let flags = try cursor.byte()
    let dimensions = try cursor.byte()
    let width = try cursor.byte()
    guard (1...8).contains(width) else { throw cursor.damaged("sizes of \(width) bytes") }
    let shape = try shape(&cursor, dimensions, width: width, rank, elementSize)
    let index: Chunks.Index
    switch try cursor.byte() {
    case 1 where flags & 2 != 0:
      let byteCount = try cursor.length()
      let mask = try cursor.count(4)
      index = .single(try cursor.address(), byteCount: byteCount, mask: mask)
    case 1: index = .single(try cursor.address(), byteCount: nil, mask: 0)
    case 2: index = .implicit(try cursor.address())
    case 3: throw cursor.unsupported("chunks found by a fixed array")
    case 4: throw cursor.unsupported("chunks found by an extensible array")
    case 5: throw cursor.unsupported("chunks found by a B-tree of version 2")
    case let other: throw cursor.damaged("chunks found by an index of type \(other)")
    }
    return Chunks(shape: shape, index: index, keepsEdgesUnfiltered: flags & 1 != 0)
  }

  /// A chunk's shape, behind which the element's size stands.
  private static func shape(
    _ cursor: inout Cursor, _ dimensions: Int, width: Int, _ rank: Int, _ elementSize: Int
  ) throws(HDF5Error) -> [Int] {
    var sizes: [Int] = []
    for _ in 0..<dimensions { sizes.append(try cursor.count(width)) }
    guard sizes.count == rank + 1, rank > 0, sizes.last == elementSize,
      sizes.allSatisfy({ $0 > 0 })
    else { throw cursor.damaged("chunks of shape \(abridged(sizes))") }
    return Array(sizes.dropLast())
  }
}

extension ObjectHeader {
  /// The bytes of the fill value, which stands where nothing was written; zeros unless given.
  func fillValue(elementSize: Int) throws(HDF5Error) -> [UInt8] {
    let zeros = [UInt8](repeating: 0, count: elementSize)
    guard var cursor = try first(.fillValue) else { return zeros }
    let version = try cursor.version(1...3, of: "a fill value")
    let flags: Int
    if version < 3 {
      try cursor.skip(2)
      flags = try cursor.byte() != 0 || version == 1 ? 0x20 : 0
    } else {
      flags = try cursor.byte()
    }
    guard flags & 0x20 != 0, case let size = try cursor.count(4), size > 0 else { return zeros }
    guard size == elementSize else { throw cursor.damaged("a fill value of \(size) bytes") }
    return Array(image.bytes[try cursor.take(size)])
  }

  /// Refuses elements in other files: a file from elsewhere could name any file of the reader's.
  func refuseExternalFiles() throws(HDF5Error) {
    guard var cursor = try first(.externalFiles) else { return }
    let start = cursor
    _ = try cursor.version(1...1, of: "a list of external files")
    try cursor.skip(3 + 2)
    let count = try cursor.count(2)
    let heap = try LocalHeap(
      image, at: try cursor.definedAddress("a heap"), object: object)
    var name = "another file"
    if count > 0 { name = "the file \(quoted(try heap.text(at: try cursor.length())))" }
    throw start.unsupported("elements in \(name), which is not opened,", isRepackable: false)
  }
}
