import SpindleJSON
import SpindleTensors

/// What chunks were sent through on their way to the file (IV.A.2.l).
struct Filters {
  enum Filter: Equatable {
    /// zlib's deflate.
    case deflate
    /// The elements' first bytes, then all second bytes, and so on.
    case shuffle(elementSize: Int)
    /// Four bytes of a checksum behind the data, which is not looked at.
    case fletcher32
  }

  private var filters: [Filter] = []

  /// No filters.
  init() {}

  init(_ cursor: inout Cursor, elementSize: Int) throws(HDF5Error) {
    let version = try cursor.version(1...2, of: "a filter pipeline")
    let count = try cursor.byte()
    if version == 1 { try cursor.skip(6) }
    for _ in 0..<count {
      let id = try cursor.count(2)
      let nameSize = version == 1 || id >= 256 ? try cursor.count(2) : 0
      _ = try cursor.count(2)
      let valueCount = try cursor.count(2)
      let name = try cursor.text(version == 1 ? (nameSize + 7) / 8 * 8 : nameSize)
      var values: [Int] = []
      for _ in 0..<valueCount { values.append(try cursor.count(4)) }
      if version == 1, valueCount % 2 == 1 { try cursor.skip(4) }
      let filter: Filter
      switch id {
      case 1: filter = .deflate
      case 2: filter = .shuffle(elementSize: elementSize)
      case 3: filter = .fletcher32
      default:
        let label = name.isEmpty ? "" : " (\(quoted(name)))"
        // h5repack knows the library's own filters alone.
        throw cursor.unsupported("data packed by filter \(id)\(label)", isRepackable: id < 256)
      }
      guard !filters.contains(filter) else { throw cursor.damaged("a filter that comes twice") }
      filters.append(filter)
    }
  }

  var isEmpty: Bool { filters.isEmpty }

  /// Deflate packs 1032 bytes into one at most.
  static let largestRatio = 1032

  /// The bytes of a chunk.
  ///
  /// - Parameters:
  ///   - stored: the chunk's place in the file.
  ///   - mask: a bit for each filter that the chunk was not sent through.
  ///   - byteCount: of the chunk as it is read.
  func unpacked(
    _ stored: Cursor, mask: Int, byteCount: Int
  ) throws(HDF5Error) -> [UInt8] {
    let used = filters.indices.filter { mask >> $0 & 1 == 0 }.map { filters[$0] }
    var sizes = [byteCount]
    for filter in used { sizes.append(sizes[sizes.count - 1] + (filter == .fletcher32 ? 4 : 0)) }
    guard used.contains(.deflate) || stored.remaining == sizes[sizes.count - 1] else {
      throw stored.damaged(
        "a chunk of \(stored.remaining) bytes, expected \(sizes[sizes.count - 1])")
    }
    guard byteCount / Self.largestRatio <= stored.remaining else {
      throw stored.damaged("\(stored.remaining) bytes cannot hold a chunk of \(byteCount)")
    }
    var bytes = Array(stored.image.bytes[stored.position..<stored.end])
    for (index, filter) in used.enumerated().reversed() {
      switch filter {
      case .deflate:
        guard let inflated = inflate(bytes, byteCount: sizes[index]) else {
          throw stored.damaged("its packed bytes cannot be unpacked")
        }
        bytes = inflated
      case .shuffle(let size): bytes = Self.unshuffled(bytes, elementSize: size)
      case .fletcher32:
        guard bytes.count >= 4 else {
          throw stored.damaged("a chunk without its checksum")
        }
        bytes.removeLast(4)
      }
    }
    guard bytes.count == byteCount else {
      throw stored.damaged("a chunk of \(bytes.count) bytes, expected \(byteCount)")
    }
    return bytes
  }

  private static func unshuffled(_ bytes: [UInt8], elementSize: Int) -> [UInt8] {
    let count = bytes.count / elementSize
    guard elementSize > 1, count > 1 else { return bytes }
    // What does not fill an element stays at the end.
    var result = bytes
    for byte in 0..<elementSize {
      var target = byte
      for source in byte * count..<(byte + 1) * count {
        result[target] = bytes[source]
        target += elementSize
      }
    }
    return result
  }
}
