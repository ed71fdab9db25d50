/// One element that is not zero: a spike, or the value of an analog input.
struct Event<Scalar: ReferenceScalar>: Sendable {
  /// The column, a neuron or an input.
  let index: Int32
  let value: Scalar
}

/// The elements that are not zero of a matrix, row by row, the columns ascending.
struct Events<Scalar: ReferenceScalar>: Sendable {
  /// Row r owns the events `starts[r]..<starts[r + 1]`.
  private var starts: [Int] = [0]
  /// The events, and behind the last row's end room for more.
  private(set) var all: [Event<Scalar>]

  /// No rows yet, with room for `rows` rows and `count` events.
  init(rows: Int, count: Int) {
    starts.reserveCapacity(rows + 1)
    all = Array(repeating: Event(index: 0, value: 0), count: count)
  }

  /// The events of `row`, as positions in `all`.
  @inline(__always)
  func range(_ row: Int) -> Range<Int> { starts[row]..<starts[row + 1] }

  /// Adds one row, the `columns` scalars that lie at `row` in memory.
  @inline(__always)
  mutating func appendRow(_ row: UnsafeRawPointer, columns: Int) {
    var count = starts[starts.count - 1]
    if all.count < count + columns {
      let more = max(columns, all.count / 2)
      all.append(contentsOf: repeatElement(Event(index: 0, value: 0), count: more))
    }
    let stride = MemoryLayout<Scalar>.stride
    unsafe all.withUnsafeMutableBufferPointer { all in
      for start in Swift.stride(from: 0, to: columns, by: 16) {
        var lanes = unsafe Self.nonzeroLanes(row + start &* stride, count: columns - start)
        while lanes != 0 {
          let column = start + lanes.trailingZeroBitCount
          let value = unsafe row.load(fromByteOffset: column &* stride, as: Scalar.self)
          unsafe all[count] = Event(index: Int32(truncatingIfNeeded: column), value: value)
          count &+= 1
          lanes &= lanes &- 1
        }
      }
    }
    starts.append(count)
  }

  /// A bit for each of up to 16 scalars in memory that is not zero.
  @inline(__always)
  private static func nonzeroLanes(_ scalars: UnsafeRawPointer, count: Int) -> Int {
    if count >= 16 {
      return Scalar._nonzeroLanes(unsafe scalars.loadUnaligned(as: SIMD16<Scalar>.self))
    }
    var lanes = 0
    for lane in 0..<count {
      let offset = lane &* MemoryLayout<Scalar>.stride
      if unsafe scalars.load(fromByteOffset: offset, as: Scalar.self) != 0 { lanes |= 1 << lane }
    }
    return lanes
  }
}
