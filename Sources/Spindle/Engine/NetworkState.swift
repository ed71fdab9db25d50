import CSpindle

/// What a network carries from one step to the next, for a batch of streams: what a `Stepper` passes
/// on, and windows of a long sequence in training.
public struct NetworkState: Sendable, Equatable {
  /// B, then N of each layer.
  let shape: [Int]
  /// Numbers of a sample.
  let width: Int
  /// As the C core lays it out (spindle/network.h): of each layer some blocks [B, N].
  var values: [Float]

  /// The state before a first step, all zero.
  init(shape: [Int], width: Int) {
    self.shape = shape
    self.width = width
    values = [Float](repeating: 0, count: shape[0] * width)
  }

  /// B.
  public var batch: Int { shape[0] }

  /// Puts a sample's state back to that before a first step; an index out of range ends the program,
  /// as an array's does.
  public mutating func restart(sample: Int) {
    precondition((0..<batch).contains(sample), "index out of a state's range")
    for range in places(of: sample) {
      for index in range { values[index] = 0 }
    }
  }

  /// Where a sample's numbers are: a range for each block of each layer.
  private func places(of sample: Int) -> [Range<Int>] {
    let neurons = shape.dropFirst()
    let blocks = width / neurons.reduce(0, +)
    var ranges: [Range<Int>] = []
    var row = 0
    for count in neurons {
      for _ in 0..<blocks {
        let first = row + sample * count
        ranges.append(first..<first + count)
        row += batch * count
      }
    }
    return ranges
  }

  /// Those of some samples.
  func samples(_ range: Range<Int>) -> NetworkState {
    var some = NetworkState(shape: [range.count] + shape.dropFirst(), width: width)
    some.bySample = range.flatMap { places(of: $0).flatMap { values[$0] } }
    return some
  }

  /// One sample after the other, as ranks gather them: [B, width].
  var bySample: [Float] {
    get {
      (0..<batch).flatMap { places(of: $0).flatMap { values[$0] } }
    }
    set {
      for sample in 0..<batch {
        var from = sample * width
        for range in places(of: sample) {
          values.replaceSubrange(range, with: newValue[from..<from + range.count])
          from += range.count
        }
      }
    }
  }
}

/// What training carries from window to window of long sequences.
struct WindowMemory {
  /// Samples of all ranks.
  let total: Int
  /// Before the window under way, of this rank's samples.
  var state: NetworkState
  /// The state's numbers after it.
  private var next: [Float]
  /// Gradients of windows that wait for an update, laid out as the parameters.
  private var sum: [Float]
  /// Their number.
  private(set) var waiting = 0

  /// Nothing waits; of as many parameters, 0 where nothing is trained.
  init(_ state: NetworkState, total: Int, parameters: Int) {
    self.total = total
    self.state = state
    next = [Float](repeating: 0, count: state.values.count)
    sum = [Float](repeating: 0, count: parameters)
  }

  /// Goes on to the state after the window; its gradients wait, or there was an update.
  mutating func advance(waits: Bool) {
    swap(&state.values, &next)
    waiting = waits ? waiting + 1 : 0
  }

  fileprivate mutating func withRaw(
    _ body: (
      UnsafePointer<Float>?, _ final: UnsafeMutablePointer<Float>?,
      _ sum: UnsafeMutablePointer<Float>?
    ) -> spindle_status
  ) -> spindle_status {
    unsafe state.values.withUnsafeBufferPointer { initial in
      unsafe next.withUnsafeMutableBufferPointer { final in
        unsafe sum.withUnsafeMutableBufferPointer { sum in
          unsafe body(initial.baseAddress, final.baseAddress, sum.baseAddress)
        }
      }
    }
  }
}

extension WindowMemory? {
  /// The state before, room for that after, and the sum of gradients, as the C core takes them for
  /// the length of a call; NULL where nothing is carried.
  mutating func withRaw(
    _ body: (
      _ initial: UnsafePointer<Float>?, _ final: UnsafeMutablePointer<Float>?,
      _ sum: UnsafeMutablePointer<Float>?
    ) -> spindle_status
  ) -> spindle_status {
    unsafe self?.withRaw(body) ?? body(nil, nil, nil)
  }
}
