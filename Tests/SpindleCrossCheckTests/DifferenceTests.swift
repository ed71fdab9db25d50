import Spindle
import SpindleTensors
import Testing

@testable import SpindleCrossCheck

/// A difference that is planted is found, and said.
@Suite("Planted differences") struct DifferenceTests {
  private let name = "two-layers-bias-learned"

  private func report(_ contents: SafetensorsFile) throws -> CaseReport {
    try CrossCheck(threads: [1]).check(CaseFile(contents))
  }

  /// The rows of a tensor, one for each engine.
  private func rows(_ tensor: String, _ report: CaseReport) -> [TensorComparison] {
    report.engines.flatMap(\.outcomes).flatMap(\.tensors).filter { $0.name == tensor }
  }

  @Test(
    "In every tensor",
    arguments: [
      "loss", "potential", "membrane", "grad.0.weight", "grad.0.bias", "grad.1.recurrent_weight",
      "grad.1.tau", "grad.2.weight", "grad.3.tau", "grad.3.threshold",
    ])
  func number(tensor: String) throws {
    let contents = try GoldenCases.file(name).contents
    let values = try contents.tensor(named: "expected.\(tensor)").floats()
    let largest = values.map(\.magnitude).max() ?? 0
    let place = values.count / 2
    for (offset, fails) in [(3e-5 as Float, true), (1e-5, false)] {
      let planted = try contents.changing(
        "expected.\(tensor)", at: place, to: values[place] + offset * largest)
      let report = try report(planted)
      #expect(report.agrees == !fails)
      #expect(rows(tensor, report).count == 3)
      for row in rows(tensor, report) {
        #expect(row.status == (fails ? .different : .close))
        #expect(values.count == 1 || row.index == row.shape.index(place))
      }
    }
    for value in [Float.nan, .infinity] {
      let planted = try contents.changing("expected.\(tensor)", at: place, to: value)
      let report = try report(planted)
      #expect(!report.agrees)
      #expect(rows(tensor, report).allSatisfy { $0.status == .notFinite })
      #expect(report.table(title: "").contains("NOT FINITE"))
    }
  }

  @Test("A spike, with its distance from the threshold") func spike() throws {
    let file = try GoldenCases.file(name)
    let spikes = try #require(file.values("expected.spikes"))
    let potential = try #require(file.values("expected.potential"))
    let thresholds = file.thresholds
    var planted = file.contents
    for place in [17, 60] {
      planted = try planted.changing("expected.spikes", at: place, to: 1 - spikes[place])
    }
    let report = try report(planted)
    #expect(!report.agrees)
    for row in rows("spikes", report) {
      #expect(row.status == .different)
      #expect(row.differingSpikes == 2)
      let first = try #require(row.firstSpike)
      #expect(first.index == [0, 3, 2])
      #expect(abs(first.distance - (Double(potential[17]) - thresholds[2])) < 1e-5)
    }
    #expect(report.table(title: "").contains("2 differ, first [0, 3, 2], potential - threshold"))
  }

  @Test("A spike that is no number, or neither 0 nor 1") func strangeSpikes() throws {
    let contents = try GoldenCases.file(name).contents
    for (value, status) in [
      (Float.nan, TensorComparison.Status.notFinite), (0.5, .different),
    ] {
      let report = try report(contents.changing("expected.spikes", at: 3, to: value))
      #expect(rows("spikes", report).allSatisfy { $0.status == status })
    }
  }

  @Test("A missing expectation is said") func missing() throws {
    let contents = try GoldenCases.file(name).contents
    let report = try report(contents.replacing("expected.grad.1.tau", with: nil))
    #expect(report.agrees)
    #expect(rows("grad.1.tau", report).map(\.status) == Array(repeating: .noExpectation, count: 3))
    #expect(report.table(title: "").contains("no expectation"))
  }

  @Test("A case without any expectation") func none() throws {
    let contents = try GoldenCases.file(name).contents
    let bare = try SafetensorsFile(
      contents.tensors.filter { !$0.name.hasPrefix("expected.") }, metadata: contents.metadata)
    #expect(throws: CaseError.noExpectations) { try report(bare) }
  }

  @Test("NaN in what an engine computes") func computedNaN() throws {
    let file = try GoldenCases.file(name)
    let network = try file.network()
    let good = try file.run(network, Execution(threads: 1))
    for tensor in file.results {
      var values = good.values
      values[tensor.name]?[0] = .nan
      let rows = CrossCheck().compare(file, CaseResult(values: values))
      #expect(rows.filter { $0.status == .notFinite }.map(\.name) == [tensor.name])
    }
  }

  @Test("Runs of which one bit differs") func bits() throws {
    let file = try GoldenCases.file(name)
    let good = try file.run(file.network(), Execution(threads: 1))
    var values = good.values
    values["grad.2.weight"]?[5].negate()
    var runs = RunSet(file)
    runs.add(Run(isa: "avx2", threads: 1), good)
    runs.add(Run(isa: "avx2", threads: 2), CaseResult(values: values))
    runs.add(Run(isa: "avx2", threads: 5), good)
    #expect(runs.groups.map { $0.runs.map(\.threads) } == [[1, 5], [2]])
    #expect(runs.firstDifference?.name == "grad.2.weight")
  }
}
