// Shape letters: B batch, T steps, I inputs, N neurons, S samples of one chunk,
// W blocks of 16 neurons in a row (N padded with zeros).

/// The number of blocks of 16 that hold `count` neurons.
func blockCount(_ count: Int) -> Int { (count + 15) / 16 }

extension Array {
  /// `rows` x `columns` scalars, each row padded to whole blocks.
  init<Scalar: ReferenceScalar>(
    rows: Int, columns: Int, padding: Scalar = 0, _ value: (Int, Int) -> Scalar
  ) where Element == SIMD16<Scalar> {
    let width = blockCount(columns)
    self.init(repeating: SIMD16(repeating: padding), count: rows * width)
    for row in 0..<rows {
      for column in 0..<columns {
        self[row * width + column / 16][column % 16] = value(row, column)
      }
    }
  }

  /// The scalars of rows of `columns` without their padding.
  func unpadded<Scalar: ReferenceScalar>(columns: Int) -> [Scalar]
  where Element == SIMD16<Scalar> {
    let width = blockCount(columns)
    var result: [Scalar] = []
    result.reserveCapacity(columns * (count / width))
    for index in indices {
      let block = self[index]
      for lane in 0..<Swift.min(16, columns - index % width * 16) { result.append(block[lane]) }
    }
    return result
  }

  /// Zeros [rows,W].
  static func zeros<Scalar: ReferenceScalar>(rows: Int, columns: Int) -> [SIMD16<Scalar>]
  where Element == SIMD16<Scalar> {
    Array(repeating: .zero, count: rows * blockCount(columns))
  }

  /// Adds the blocks of `other`, one by one.
  mutating func add<Scalar: ReferenceScalar>(_ other: [SIMD16<Scalar>])
  where Element == SIMD16<Scalar> {
    for index in indices { self[index] += other[index] }
  }
}

/// target [W] += the sum of value x matrix[index] over the events of one row.
///
/// Forward of x W: the cost follows the number of inputs that are not zero.
@inline(__always)
func gather<Scalar: ReferenceScalar>(
  _ events: borrowing Events<Scalar>, row: Int, from matrix: [SIMD16<Scalar>],
  into target: inout [SIMD16<Scalar>], at offset: Int, width: Int
) {
  let matrix = matrix.span
  var target = target.mutableSpan
  let range = events.range(row)
  let events = events.all.span
  for block in 0..<width {
    var sum = SIMD16<Scalar>.zero
    for position in range {
      let event = unsafe events[unchecked: position]
      sum += unsafe matrix[unchecked: Int(event.index) &* width &+ block] * event.value
    }
    target[offset + block] += sum
  }
}

/// gradient[index] [W] += value x delta [W] for the events of one row.
///
/// Backward of x W towards W: the transpose of ``gather``.
@inline(__always)
func scatter<Scalar: ReferenceScalar>(
  _ events: borrowing Events<Scalar>, row: Int, delta: [SIMD16<Scalar>], at offset: Int,
  into gradient: inout [SIMD16<Scalar>], width: Int
) {
  let delta = delta.span
  var gradient = gradient.mutableSpan
  let range = events.range(row)
  let events = events.all.span
  for position in range {
    let event = unsafe events[unchecked: position]
    let target = Int(event.index) &* width
    for block in 0..<width {
      unsafe gradient[unchecked: target &+ block] += delta[unchecked: offset &+ block] * event.value
    }
  }
}

/// target [S,V] += delta [S,W] M, with M [16 W,V] the transpose of a weight matrix.
///
/// Backward of x W towards x. Every delta counts, so this product is dense; two samples share each
/// load of M, and their sums stay in registers.
@inline(__always)
func addProduct<Scalar: ReferenceScalar>(
  _ delta: [SIMD16<Scalar>], _ matrix: [SIMD16<Scalar>], to target: inout [SIMD16<Scalar>],
  samples: Int, width: Int, targetWidth: Int
) {
  let matrix = matrix.span
  var target = target.mutableSpan
  let (rows, stride) = (width * 16, MemoryLayout<Scalar>.stride)
  unsafe delta.withUnsafeBytes { bytes in
    // Read from memory, a lane is a broadcast; taken from a vector, it costs a store of the vector.
    guard let delta = bytes.baseAddress else { return }
    for sample in Swift.stride(from: 0, to: samples - 1, by: 2) {
      let first = unsafe delta + sample * rows * stride
      let second = unsafe first + rows * stride
      for column in 0..<targetWidth {
        let place = sample * targetWidth + column
        var (firstSum, secondSum) = (target[place], target[place + targetWidth])
        for row in 0..<rows {
          let weights = unsafe matrix[unchecked: row &* targetWidth &+ column]
          firstSum += unsafe first.load(fromByteOffset: row &* stride, as: Scalar.self) * weights
          secondSum += unsafe second.load(fromByteOffset: row &* stride, as: Scalar.self) * weights
        }
        target[place] = firstSum
        target[place + targetWidth] = secondSum
      }
    }
    guard !samples.isMultiple(of: 2) else { return }
    let last = unsafe delta + (samples - 1) * rows * stride
    for column in 0..<targetWidth {
      var sum = target[(samples - 1) * targetWidth + column]
      for row in 0..<rows {
        let weights = unsafe matrix[unchecked: row &* targetWidth &+ column]
        sum += unsafe last.load(fromByteOffset: row &* stride, as: Scalar.self) * weights
      }
      target[(samples - 1) * targetWidth + column] = sum
    }
  }
}
