// Shape letters: S samples of one chunk, N neurons, W blocks of 16 neurons in a row (N padded with
// zeros).

typealias Block = SIMD16<Float>

/// The number of blocks of 16 that hold `count` neurons.
func blockCount(_ count: Int) -> Int { (count + 15) / 16 }

extension Block {
  /// 1 in the lanes that are greater than 0, 0 in the others.
  @inline(__always)
  var heaviside: Block { Block.zero.replacing(with: 1, where: self .> 0) }

  /// The absolute value of every lane.
  @inline(__always)
  var magnitudes: Block { replacing(with: -self, where: self .< 0) }
}

extension [Block] {
  /// `rows` x `columns` numbers, each row padded to whole blocks.
  init(rows: Int, columns: Int, _ value: (Int, Int) -> Float) {
    self = .zeros(rows: rows, columns: columns)
    let width = blockCount(columns)
    for row in 0..<rows {
      for column in 0..<columns {
        self[row * width + column / 16][column % 16] = value(row, column)
      }
    }
  }

  /// Zeros [rows,W].
  static func zeros(rows: Int, columns: Int) -> [Block] {
    Array(repeating: .zero, count: rows * blockCount(columns))
  }

  /// The numbers of rows of `columns` without their padding.
  func unpadded(columns: Int) -> [Float] {
    let width = blockCount(columns)
    var result: [Float] = []
    result.reserveCapacity(columns * (count / width))
    for index in indices {
      for lane in 0..<Swift.min(16, columns - index % width * 16) {
        result.append(self[index][lane])
      }
    }
    return result
  }

  /// Adds the blocks of `other`, one by one.
  mutating func add(_ other: [Block]) { for index in indices { self[index] += other[index] } }
}

/// The elements that are not zero of a matrix, row by row, the columns ascending: spikes, or analog
/// inputs.
struct Events: Sendable {
  struct Event: Sendable {
    let index: Int
    let value: Float
  }

  /// Row r owns the events `starts[r]..<starts[r + 1]`.
  private var starts: [Int] = [0]
  private(set) var all: [Event] = []

  /// No rows yet, with room for `rows` rows and `count` events.
  init(rows: Int, count: Int) {
    starts.reserveCapacity(rows + 1)
    all.reserveCapacity(count)
  }

  /// The events of `row`, as positions in `all`.
  @inline(__always)
  func range(_ row: Int) -> Range<Int> { starts[row]..<starts[row + 1] }

  /// Adds the next row, of numbers.
  @inline(__always)
  mutating func appendRow(_ row: Span<Float>) {
    for index in row.indices where row[index] != 0 {
      all.append(Event(index: index, value: row[index]))
    }
    starts.append(all.count)
  }

  /// Adds the next row, of blocks that hold `columns` numbers.
  @inline(__always)
  mutating func appendRow(_ row: Span<Block>, columns: Int) {
    for block in row.indices {
      let lanes = row[block]
      for lane in 0..<min(16, columns - block * 16) where lanes[lane] != 0 {
        all.append(Event(index: block * 16 + lane, value: lanes[lane]))
      }
    }
    starts.append(all.count)
  }
}

/// target [W] += the sum of value x matrix[index] over the events of one row: forward of x W.
@inline(__always)
func gather(
  _ events: borrowing Events, row: Int, from matrix: [Block], into target: inout [Block],
  at offset: Int, width: Int
) {
  let matrix = matrix.span
  let events = events.all.span.extracting(events.range(row))
  for block in 0..<width {
    var sum = Block.zero
    for position in events.indices {
      sum += matrix[events[position].index * width + block] * events[position].value
    }
    target[offset + block] += sum
  }
}

/// gradient[index] [W] += value x delta [W] for the events of one row: backward of x W towards W.
@inline(__always)
func scatter(
  _ events: borrowing Events, row: Int, delta: [Block], at offset: Int,
  into gradient: inout [Block], width: Int
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

/// target [S,V] += delta [S,W] M, with M the transpose of a weight matrix in panels [V, 16 W]:
/// backward of x W towards x.
///
/// Every delta counts, so this product is dense; two samples share each load of M, and the last of an
/// odd number is its own second.
@inline(__always)
func addProduct(
  _ delta: [Block], _ panels: [Block], to target: inout [Block], samples: Int, width: Int,
  targetWidth: Int
) {
  let rows = width * 16
  // A number in memory is broadcast as it is loaded; a lane of a vector is not.
  let numbers = delta.unpadded(columns: rows)
  for first in stride(from: 0, to: samples, by: 2) {
    let second = min(first + 1, samples - 1)
    let firstDelta = numbers.span.extracting(first * rows..<(first + 1) * rows)
    let secondDelta = numbers.span.extracting(second * rows..<(second + 1) * rows)
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
