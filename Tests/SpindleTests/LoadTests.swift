import Spindle
import Testing

/// The counted loads of training steps on many threads, where SPINDLE_FORCE_THREADS=1 lets them be
/// planned; with fewer processors the plan is for those, and holds as well.
struct LoadTests {
  /// The shapes of the benchmark's W2 to W7.
  private static let shapes: [(batch: Int, steps: Int, inputs: Int, hidden: Int, rc: Bool)] = [
    (128, 100, 700, 128, true), (256, 100, 700, 256, true), (128, 25, 784, 512, false),
    (16, 500, 512, 512, false),
  ]

  @Test("On 16 threads the most loaded has at most 1.15 times the mean", arguments: 0..<4)
  func balance(index: Int) throws {
    let shape = Self.shapes[index]
    let network = try Network(
      inputs: shape.inputs, layers: [.lif(shape.hidden, recurrence: shape.rc ? .rc() : .ff)])
    let execution = Execution(threads: 16)
    let threads = try network.plan(
      batch: shape.batch, steps: shape.steps, execution: execution
    ).threads
    let loads = try network.loads(
      batch: shape.batch, steps: shape.steps, inputDensity: 0.05, rate: 0.05, execution: execution)
    let most = loads.reduce(0) { $0 + $1.most }
    let mean = loads.reduce(0) { $0 + $1.total } / Double(threads)
    #expect(most <= 1.15 * mean, "\(most / mean) times the mean: \(loads)")
    // Rows of time, whatever the threads: nothing is counted twice or left out.
    let one = try network.loads(
      batch: shape.batch, steps: shape.steps, inputDensity: 0.05, rate: 0.05,
      execution: Execution(threads: 1))
    for (load, alone) in zip(loads, one) {
      #expect(
        abs(load.total - alone.total) <= 1e-9 * alone.total, "\(load) and \(alone)")
      #expect(alone.most == alone.total)
    }
  }

  @Test func densitiesOutOfRangeAreErrors() throws {
    let network = try Network(inputs: 2, layers: [.lif(3)])
    for density in [-0.1, 1.1, .nan] {
      expectError("a density must be from 0 to 1") {
        _ = try network.loads(
          batch: 4, steps: 2, inputDensity: density, rate: 0, execution: .init())
      }
    }
  }
}
