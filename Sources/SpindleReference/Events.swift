/// One element that is not zero: a spike, or the value of an analog input.
struct Event<Scalar: ReferenceScalar>: Sendable {
  /// The column, a neuron or an input.
  let index: Int
  let value: Scalar
}

/// The elements that are not zero of a matrix, row by row, the columns ascending.
struct Events<Scalar: ReferenceScalar>: Sendable {
  /// Row r owns the events `starts[r]..<starts[r + 1]`.
  private var starts: [Int] = [0]
  private(set) var all: [Event<Scalar>] = []

  /// No rows yet, with room for `rows` rows and `count` events.
  init(rows: Int, count: Int) {
    starts.reserveCapacity(rows + 1)
    all.reserveCapacity(count)
  }

  /// The events of `row`, as positions in `all`.
  @inline(__always)
  func range(_ row: Int) -> Range<Int> { starts[row]..<starts[row + 1] }

  /// Adds the next row, of scalars.
  @inline(__always)
  mutating func appendRow(_ row: Span<Scalar>) {
    for index in row.indices where row[index] != 0 {
      all.append(Event(index: index, value: row[index]))
    }
    starts.append(all.count)
  }

  /// Adds the next row, of blocks that hold `columns` scalars.
  @inline(__always)
  mutating func appendRow(_ row: Span<SIMD16<Scalar>>, columns: Int) {
    for block in row.indices {
      let lanes = row[block]
      for lane in 0..<min(16, columns - block * 16) where lanes[lane] != 0 {
        all.append(Event(index: block * 16 + lane, value: lanes[lane]))
      }
    }
    starts.append(all.count)
  }
}
