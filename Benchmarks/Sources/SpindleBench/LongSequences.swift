import Foundation
import Spindle

/// A training step of long sequences: its time for each step of time, and the largest memory that
/// lay in RAM so far. 64 -> 256 RC -> 10 LI, about a tenth of the neurons firing.
struct LongSequences: Encodable {
  let batch: Int
  let steps: Int
  let loss: String
  let memory: String
  let firingRate: Double
  let microsecondsPerStep: Double
  let peakBytes: Int

  /// In the order of their memory, for the peak is that of all so far.
  static func all(_ execution: Execution) throws -> [LongSequences] {
    try [
      (32, 2000, Loss.meanMembraneCrossEntropy, Memory.segments, 5),
      (32, 2000, .meanMembraneCrossEntropy, .all, 5),
      (1, 1_000_000, .meanMembraneCrossEntropy, .segments, 1),
      (32, 100_000, .meanMembraneCrossEntropy, .segments, 1),
      (32, 100_000, .membraneMSE, .segments, 1),
    ].map { try measure(batch: $0, steps: $1, $2, $3, runs: $4, execution) }
  }

  private static func measure(
    batch: Int, steps: Int, _ loss: Loss, _ memory: Memory, runs: Int, _ execution: Execution
  ) throws -> LongSequences {
    let network = try Network(
      inputs: 64,
      layers: [
        .lif(
          256, tau: 0.02, recurrence: .rc(.normal(mean: 0, standardDeviation: 0.03)),
          connection: Connection(weights: .normal(mean: 0.05, standardDeviation: 0.25))),
        .li(10, tau: 0.02),
      ], seed: 1)
    var execution = execution
    execution.memory = memory
    // At a rate of zero all steps do the same work.
    var trainer = try Trainer(
      network, batch: batch, steps: steps, loss: loss, optimizer: .adam(learningRate: 0),
      execution: execution)
    var random = RandomStream(seed: 1, stream: 1 << 40)
    var input = try SpikeTrain(batch: batch, steps: steps, units: 64)
    try input.fill(probability: 0.05, from: &random)
    let target: Target
    if loss.wantsClasses {
      target = .classes((0..<Int32(batch)).map { $0 % 10 })
    } else {
      let values = try random.uniform(low: -1, high: 1, count: batch * steps * 10)
      target = .values(try Tensor(shape: [batch, steps, 10], values: values))
    }
    var times: [Double] = []
    for _ in 0..<runs {
      let time = try ContinuousClock().measure {
        _ = try trainer.step(.spikes(input), target: target)
      }
      times.append(time.inSeconds)
    }
    return LongSequences(
      batch: batch, steps: steps, loss: loss.name, memory: trainer.plan.memory.rawValue,
      firingRate: trainer.firingRates[0],
      microsecondsPerStep: times.sorted()[runs / 2] / Double(steps) * 1e6,
      peakBytes: try peakBytes())
  }

  /// For people.
  var summary: String {
    String(
      format: "B %d, T %d, %@, memory %@: %.1f us a step of time at a firing rate of %.3f, "
        + "peak of resident memory so far %.0f MiB",
      batch, steps, loss, memory, microsecondsPerStep, firingRate, Double(peakBytes) / 0x1p20)
  }

  private static func peakBytes() throws -> Int {
    let path = "/proc/self/status"
    for line in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n") {
      let fields = line.split(whereSeparator: \.isWhitespace)
      if fields.count > 1, fields[0] == "VmHWM:", let kibibytes = Int(fields[1]) {
        return kibibytes * 1024
      }
    }
    throw BenchmarkError("\(path) does not tell the largest memory resident")
  }
}
