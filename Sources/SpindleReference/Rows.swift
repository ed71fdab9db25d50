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
  let indices = events.indices.span
  let values = events.values.span
  for block in 0..<width {
    var sum = SIMD16<Scalar>.zero
    for event in range {
      let source = Int(unsafe indices[unchecked: event]) * width + block
      sum += unsafe matrix[unchecked: source] * values[unchecked: event]
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
  let indices = events.indices.span
  let values = events.values.span
  for event in events.range(row) {
    let target = Int(unsafe indices[unchecked: event]) * width
    let value = unsafe values[unchecked: event]
    for block in 0..<width {
      unsafe gradient[unchecked: target + block] += delta[unchecked: offset + block] * value
    }
  }
}

/// target [S,V] += delta [S,W] M, with M [16 W,V] the transpose of a weight matrix.
///
/// Backward of x W towards x. Every delta counts, so this product is dense; four samples share
/// each load of M.
@inline(__always)
func addProduct<Scalar: ReferenceScalar>(
  _ delta: [SIMD16<Scalar>], _ matrix: [SIMD16<Scalar>], to target: inout [SIMD16<Scalar>],
  samples: Int, width: Int, targetWidth: Int
) {
  let delta = delta.span
  let matrix = matrix.span
  var target = target.mutableSpan
  var sample = 0
  while sample + 4 <= samples {
    for column in 0..<targetWidth {
      let a = sample * targetWidth + column
      var (sum0, sum1) = (target[a], target[a + targetWidth])
      var (sum2, sum3) = (target[a + 2 * targetWidth], target[a + 3 * targetWidth])
      for block in 0..<width {
        let d = sample * width + block
        let delta0 = unsafe delta[unchecked: d]
        let delta1 = unsafe delta[unchecked: d + width]
        let delta2 = unsafe delta[unchecked: d + 2 * width]
        let delta3 = unsafe delta[unchecked: d + 3 * width]
        for lane in 0..<16 {
          let row = unsafe matrix[unchecked: (block * 16 + lane) * targetWidth + column]
          sum0 += row * delta0[lane]
          sum1 += row * delta1[lane]
          sum2 += row * delta2[lane]
          sum3 += row * delta3[lane]
        }
      }
      target[a] = sum0
      target[a + targetWidth] = sum1
      target[a + 2 * targetWidth] = sum2
      target[a + 3 * targetWidth] = sum3
    }
    sample += 4
  }
  while sample < samples {
    for column in 0..<targetWidth {
      var sum = target[sample * targetWidth + column]
      for block in 0..<width {
        let lanes = unsafe delta[unchecked: sample * width + block]
        for lane in 0..<16 {
          let row = unsafe matrix[unchecked: (block * 16 + lane) * targetWidth + column]
          sum += row * lanes[lane]
        }
      }
      target[sample * targetWidth + column] = sum
    }
    sample += 1
  }
}
