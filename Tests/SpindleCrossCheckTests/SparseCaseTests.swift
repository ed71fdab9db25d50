import Spindle
import SpindleReference
import SpindleTensors
import TestSupport
import Testing

@testable import SpindleCrossCheck

/// Surrogates with a peak or support against what PyTorch computed, in float32 and in float64.
@Suite(
  "Surrogates with a support",
  .enabled(if: !SharedCases.sparsePaths.isEmpty, "\(SharedCases.absence)"))
struct SparseCaseTests {
  /// The case of a file, and what it has besides: expectations in float64.
  private static func read(_ path: String) throws -> (file: CaseFile, whole: SafetensorsFile) {
    let whole = try SafetensorsFile(contentsOf: path)
    let tensors = whole.tensors.filter { !$0.name.hasPrefix("expected64.") }
    return (try CaseFile(SafetensorsFile(tensors, metadata: whole.metadata)), whole)
  }

  @Test(
    "Every layout, instruction set and number of threads", arguments: SharedCases.sparsePaths)
  func agrees(path: String) throws {
    let (file, _) = try Self.read(path)
    let check = CrossCheck(isas: ISA.supported, threads: [1, 2, 5], layouts: [.rows, .lanes])
    let report = try check.check(file)
    #expect(report.agrees, "\(report.table(title: path))")
    for engine in report.engines.prefix(2) {
      #expect(engine.outcomes.first?.runs.count == 3 * ISA.supported.count)
    }
  }

  /// Forward in float64 has its own spikes, and weights that are no float32: those of the file are,
  /// so that no more than rounding sets the two apart.
  @Test("The definition in Double", arguments: SharedCases.sparsePaths)
  func definition(path: String) throws {
    let (file, whole) = try Self.read(path)
    let step = try file.step(file.reference(Double.self))
    let loss = try whole.tensor(named: "expected64.loss").doubles()[0]
    #expect(abs(step.loss - loss) < 1e-6 * loss, "\(step.loss), not \(loss)")
    // By the layer of synapses or neurons in the file, and by ours.
    let names = ["0.weight": "0.weight", "1.recurrent_weight": "0.recurrent_weight"]
    for (name, ours) in names.merging(["2.weight": "1.weight"], uniquingKeysWith: { $1 }) {
      let expected = try whole.tensor(named: "expected64.grad.\(name)").doubles()
      let got = try #require(step.gradients[ours])
      let scale = expected.reduce(0) { max($0, abs($1)) }
      let worst = zip(got, expected).reduce(0) { max($0, abs($1.0 - $1.1)) }
      // A weight is off by up to 2^-24 of itself, which 40 steps of the recurrent network enlarge.
      #expect(worst < 1e-4 * scale, "\(name): off by \(worst) of \(scale)")
    }
  }
}
