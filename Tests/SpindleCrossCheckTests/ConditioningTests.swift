import Spindle
import SpindleTensors
import TestSupport
import Testing

@testable import SpindleCrossCheck

/// What rounding explains, and what it does not.
@Suite("Conditioning") struct ConditioningTests {
  /// A recurrent layer over many steps, with what a float32 program expects that sums in the reverse
  /// order: the same network with its inputs and neurons reversed.
  private static func file(slope: Double, steps: Int, seed: UInt64) throws -> CaseFile {
    let (batch, inputs, neurons) = (2, 12, 16)
    var random = SplitMix64(seed: seed)
    func numbers(_ count: Int, _ range: ClosedRange<Float>) -> [Float] {
      (0..<count).map { _ in .random(in: range, using: &random) }
    }
    let tensors: [(name: String, shape: [Int], values: [Float])] = [
      ("0.weight", [inputs, neurons], numbers(inputs * neurons, -0.3...0.6)),
      ("0.recurrent_weight", [neurons, neurons], numbers(neurons * neurons, -0.6...0.6)),
      ("target", [steps, neurons], numbers(steps * neurons, 0...1)),
      (
        "input", [batch, steps, inputs],
        numbers(batch * steps * inputs, 0...1).map { $0 < 0.2 ? 1 : 0 }
      ),
    ]
    let network = NetworkDescription(
      inputs: inputs,
      layers: [
        .lif(
          neurons, tau: 0.02, spiking: Spiking(surrogate: .fastSigmoid(slope: slope)),
          recurrence: .rc(.constant(0)))
      ])
    func make(_ order: ([Float]) -> [Float]) throws -> CaseFile {
      try CaseFile(
        network, loss: .meanRateMSE,
        tensors: tensors.map { name, shape, values in
          let width = name == "input" || name == "target" ? shape[shape.count - 1] : values.count
          let rows = stride(from: 0, to: values.count, by: width)
          return try .init(
            name, shape: shape, rows.flatMap { order(Array(values[$0..<$0 + width])) })
        })
    }
    let file = try make { $0 }
    let mirrored = try make { $0.reversed() }
    let result = mirrored.result(of: try mirrored.step(mirrored.reference(Float.self)))
    return try file.expecting(
      file.results.map { tensor in
        let values = (result.values[tensor.name] ?? []).map { Float($0) }
        let width =
          tensor.name.hasPrefix("grad") ? values.count : tensor.shape[tensor.shape.count - 1]
        let rows = stride(from: 0, to: values.count, by: width)
        return (tensor, rows.flatMap { values[$0..<$0 + width].reversed() })
      })
  }

  /// Gradients by a steep surrogate, through hundreds of steps.
  private static func ill() throws -> CaseFile { try file(slope: 25, steps: 300, seed: 3) }
  /// The same network in all but the slope and the steps.
  private static func well() throws -> CaseFile { try file(slope: 1, steps: 30, seed: 3) }

  private func statuses(_ report: CaseReport, _ prefix: String) -> [TensorComparison.Status] {
    report.engines.flatMap(\.outcomes).flatMap(\.tensors).filter { $0.name.hasPrefix(prefix) }
      .map(\.status)
  }

  @Test("Rounding is said, and is no failure") func rounding() throws {
    let report = try CrossCheck(threads: [1]).check(Self.ill())
    #expect(report.agrees)
    #expect(statuses(report, "grad").contains(.illConditioned))
    let table = report.table(title: "")
    #expect(table.contains("ill-conditioned: float32 differs by "))
    #expect(!table.contains("DIFFERENT"))
    var summary = CheckSummary(tolerance: CrossCheck.defaultTolerance)
    summary.add("case", report)
    #expect(summary.exitCode == 0)
    #expect(summary.line.hasSuffix(", 1 ill-conditioned"))
    #expect(try summary.json().contains("\"float32_spread\""))
  }

  @Test("Where all is within the tolerance nothing is said") func quiet() throws {
    let report = try CrossCheck(threads: [1]).check(Self.well())
    #expect(report.agrees && !report.isIllConditioned)
    #expect(!statuses(report, "grad").contains(.illConditioned))
  }

  @Test("A planted error is none of rounding's", arguments: [true, false])
  func planted(isIll: Bool) throws {
    let file = try isIll ? Self.ill() : Self.well()
    let engine = try file.run(file.network(), Execution(threads: 1))
    let conditioning = try Conditioning(of: file)
    for name in ["grad.0.weight", "grad.0.recurrent_weight"] {
      let values = try #require(file.values("expected.\(name)"))
      let largest = values.reduce(0) { max($0, $1.magnitude) }
      let top = try #require(values.firstIndex { $0.magnitude == largest })
      for (place, part) in [(top, 1e-3 as Float), (top, -1e-3), (values.count / 2, 1e-3)] {
        let planted = try CaseFile(
          file.contents.changing(
            "expected.\(name)", at: place, to: values[place] + part * largest))
        let expected = try #require(planted.values("expected.\(name)"))
        var row = try #require(
          CrossCheck().compare(planted, engine).first { $0.name == name })
        #expect(row.status == .different)
        row.judge(conditioning, computed: engine.values[name] ?? [], expected: expected)
        #expect(row.status == .different && row.float32Spread != nil)
      }
    }
  }

  @Test("A planted error in the report") func plantedReport() throws {
    let file = try Self.ill()
    let values = try #require(file.values("expected.grad.0.weight"))
    let largest = values.reduce(0) { max($0, $1.magnitude) }
    let planted = try file.contents.changing(
      "expected.grad.0.weight", at: 7, to: values[7] + 1e-3 * largest)
    let report = try CrossCheck(threads: [1]).check(CaseFile(planted))
    #expect(!report.agrees)
    #expect(statuses(report, "grad.0.weight") == [.different, .different, .different])
    #expect(report.table(title: "").contains("DIFFERENT; float32 differs by "))
  }

  @Test("A planted spike is none of rounding's") func spike() throws {
    let file = try Self.ill()
    let spikes = try #require(file.values("expected.spikes"))
    let planted = try file.contents.changing("expected.spikes", at: 40, to: 1 - spikes[40])
    let report = try CrossCheck(threads: [1]).check(CaseFile(planted))
    #expect(!report.agrees)
    #expect(statuses(report, "spikes") == [.different, .different, .different])
  }

  /// The criterion is of use only if it holds: programs of float32 that are none of its own.
  @Test("Float32 keeps within the spread", arguments: [(1.0, 30), (25, 30), (25, 100)], 4...6)
  func holds(network: (slope: Double, steps: Int), seed: Int) throws {
    let file = try Self.file(slope: network.slope, steps: network.steps, seed: UInt64(seed))
    let conditioning = try Conditioning(of: file)
    let engine = try file.run(file.network(), Execution(threads: 1))
    for tensor in file.results where tensor.name.hasPrefix("grad") {
      let expected = try #require(file.expected(tensor)).map { Double($0) }
      #expect(conditioning.explains(tensor.name, expected), "\(tensor.name)")
      #expect(conditioning.explains(tensor.name, engine.values[tensor.name] ?? []))
      #expect(!conditioning.explains(tensor.name, expected.map { $0 * 1.01 }))
    }
  }
}
