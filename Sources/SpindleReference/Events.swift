/// The elements that are not zero of a matrix, row by row: spikes, or the values of an analog input.
struct Events<Scalar: ReferenceScalar>: Sendable {
  /// Row r owns the events `starts[r]..<starts[r + 1]`.
  private var starts: [Int] = [0]
  /// The columns, ascending in each row.
  private(set) var indices: [Int32] = []
  private(set) var values: [Scalar] = []

  /// No rows yet, with room for `rows` rows and `count` events.
  init(rows: Int, count: Int) {
    starts.reserveCapacity(rows + 1)
    indices.reserveCapacity(count)
    values.reserveCapacity(count)
  }

  /// The events of `row`.
  @inline(__always)
  func range(_ row: Int) -> Range<Int> { starts[row]..<starts[row + 1] }

  /// Adds one event to the row under way.
  @inline(__always)
  mutating func append(_ index: Int, _ value: Scalar) {
    indices.append(Int32(truncatingIfNeeded: index))
    values.append(value)
  }

  /// Adds the lanes of a block of the row under way that are not zero; `count` lanes are in use.
  @inline(__always)
  mutating func append(_ block: SIMD16<Scalar>, at index: Int, count: Int) {
    guard Scalar._hasNonzero(block) else { return }
    for lane in 0..<min(16, count) where block[lane] != 0 { append(index + lane, block[lane]) }
  }

  /// Ends the row under way.
  @inline(__always)
  mutating func endRow() { starts.append(indices.count) }
}
