import Spindle
import SpindleJSON
import SpindleTensors
import Testing

@testable import SpindleCrossCheck

/// What a case says reaches the engines as it stands.
@Suite("Cases") struct CaseFileTests {
  @Test("Numbers of the text, and tensors that take precedence") func precedence() throws {
    let contents = try GoldenCases.file("one-sample-one-step").contents
    let list = contents.describing("\"threshold\": 1.0", as: "\"threshold\": [1.0, 1.25]")
    #expect(try threshold(CaseFile(list)) == [1, 1.25])
    let tensor = try SafetensorsFile.Tensor("1.threshold", shape: [2], [3, 4] as [Float])
    let overridden = try list.replacing("1.threshold", with: tensor)
    #expect(try threshold(CaseFile(overridden)) == [3, 4])
    #expect(try CaseFile(overridden).thresholds == [3, 4])
    #expect(try CaseFile(list).thresholds == [1, 1.25])
  }

  private func threshold(_ file: CaseFile) throws -> [Float] {
    let network = try file.network()
    let span = try network.values(of: "0.threshold")
    return span.indices.map { span[$0] }
  }

  @Test("Results and their names") func results() throws {
    let spiking = try GoldenCases.file("two-layers-bias-learned")
    #expect(
      spiking.results.map(\.name) == [
        "loss", "spikes", "potential", "membrane", "grad.0.weight", "grad.0.bias",
        "grad.1.recurrent_weight", "grad.1.tau", "grad.2.weight", "grad.2.bias", "grad.3.tau",
        "grad.3.threshold",
      ])
    let integrating = try GoldenCases.file("integrator-filter-learned")
    #expect(
      integrating.results.map(\.name) == [
        "loss", "membrane", "grad.0.weight", "grad.2.weight", "grad.2.bias", "grad.3.tau",
      ])
  }

  @Test("Summary, exit status and JSON") func summary() throws {
    let file = try GoldenCases.file("one-sample-one-step")
    let good = try CrossCheck().check(file)
    let planted = try CaseFile(file.contents.changing("expected.loss", at: 0, to: .nan))
    let bad = try CrossCheck().check(planted)
    var summary = CheckSummary(tolerance: 1e-5)
    summary.add("a", good)
    #expect(summary.exitCode == 0)
    summary.add("b", bad)
    #expect(summary.exitCode == 1)
    summary.add("c", CaseError.noDescription)
    #expect(summary.exitCode == 2)
    #expect(summary.line.contains("1 of 3 cases agree within 1e-05, 1 differ, 1 could not"))
    guard case .object(let document) = try JSONValue(parsing: summary.json()),
      case .array(let cases)? = document["cases"]
    else {
      Issue.record("not a document")
      return
    }
    #expect(document["format"] == .string("spindle-crosscheck-1"))
    #expect(cases.count == 3)
  }
}
