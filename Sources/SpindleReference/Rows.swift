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
  let events = events.all.span.extracting(events.range(row))
  for block in 0..<width {
    var sum = SIMD16<Scalar>.zero
    for position in events.indices {
      let event = events[position]
      sum += matrix[event.index * width + block] * event.value
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
  let events = events.all.span.extracting(events.range(row))
  for position in events.indices {
    let event = events[position]
    for block in 0..<width {
      gradient[event.index * width + block] += delta[offset + block] * event.value
    }
  }
}

/// target [S,V] += delta [S,W] M, with M the transpose of a weight matrix in panels [V, 16 W].
///
/// Backward of x W towards x. Every delta counts, so this product is dense; two samples share each
/// load of M, and the last of an odd number is its own second.
@inline(__always)
func addProduct<Scalar: ReferenceScalar>(
  _ delta: [SIMD16<Scalar>], _ panels: [SIMD16<Scalar>], to target: inout [SIMD16<Scalar>],
  samples: Int, width: Int, targetWidth: Int
) {
  let rows = width * 16
  // A scalar in memory is broadcast as it is loaded; a lane of a vector is not.
  let scalars = delta.unpadded(columns: rows)
  for first in stride(from: 0, to: samples, by: 2) {
    let second = min(first + 1, samples - 1)
    let firstDelta = scalars.span.extracting(first * rows..<(first + 1) * rows)
    let secondDelta = scalars.span.extracting(second * rows..<(second + 1) * rows)
    for column in 0..<targetWidth {
      let panel = panels.span.extracting(column * rows..<(column + 1) * rows)
      var firstSum = target[first * targetWidth + column]
      var secondSum = target[second * targetWidth + column]
      for row in 0..<rows {
        firstSum += firstDelta[row] * panel[row]
        secondSum += secondDelta[row] * panel[row]
      }
      target[first * targetWidth + column] = firstSum
      target[second * targetWidth + column] = secondSum
    }
  }
}
