import SpindleTensors

/// Rows of numbers, each of a length of its own, as event data has them: one row for each sample.
/// The numbers stay in the file's bytes, which are kept once, until they are asked for.
public struct HDF5Rows: Sendable {
  /// The dataset's path.
  public let path: String
  /// The type of the numbers.
  public let type: ScalarType
  /// The numbers of all rows together.
  public let totalCount: Int
  private let isBigEndian: Bool
  private let image: Image
  private let ranges: [Range<Int>]

  init(
    _ image: Image, path: String, _ type: ScalarType, _ isBigEndian: Bool, _ ranges: [Range<Int>]
  ) {
    self.image = image
    self.path = path
    self.type = type
    self.isBigEndian = isBigEndian
    self.ranges = ranges
    totalCount = ranges.reduce(0) { $0 + $1.count } / type.byteCount
  }

  /// The number of rows.
  public var count: Int { ranges.count }

  /// The numbers of a row, which is counted from 0.
  public func length(of row: Int) -> Int { ranges[row].count / type.byteCount }

  /// A row's numbers, each as the nearest Double; all but 64-bit integers are exact.
  public func doubles(_ row: Int) -> [Double] { type.doubles(from: bytes(row)) }

  /// A row's numbers.
  ///
  /// - Throws: `wrongType` where they are no integers, or one is above Int.max.
  public func integers(_ row: Int) throws(HDF5Error) -> [Int] {
    guard let integers = type.integers(from: bytes(row)) else {
      throw .wrongType(object: path, expected: "integers", found: type.rawValue)
    }
    return integers
  }

  private func bytes(_ row: Int) -> [UInt8] {
    var bytes = Array(image.bytes[ranges[row]])
    if isBigEndian { reverse(&bytes, elementSize: type.byteCount) }
    return bytes
  }
}
