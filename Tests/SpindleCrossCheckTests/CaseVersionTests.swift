import Spindle
import SpindleTensors
import Testing

@testable import SpindleCrossCheck

/// The two versions of the format say the same.
@Suite("Versions of the format") struct CaseVersionTests {
  /// The goldens of version 1.
  private static let old = [
    "two-layers-bias-learned", "integrator-filter-learned", "one-sample-one-step",
  ]

  /// The case as version 2 has it, with its tensors renamed.
  private func renewed(_ file: CaseFile) throws -> CaseFile {
    var tensors: [SafetensorsFile.Tensor] = []
    for parameter in file.parameters {
      if let values = file.values(of: parameter) {
        tensors.append(try .init(parameter.name, shape: parameter.shape, values))
      }
      if let expected = file.contents["expected.\(file.gradientName(of: parameter))"] {
        tensors.append(
          try .init(
            "expected.grad.\(parameter.name)", shape: parameter.shape, expected.floats()))
      }
    }
    for name in ["input", "target"] + file.results.map({ "expected.\($0.name)" }) {
      if !name.hasPrefix("expected.grad"), let tensor = file.contents[name] {
        tensors.append(tensor)
      }
    }
    return try CaseFile(file.description, loss: file.loss, tensors: tensors)
  }

  @Test("A case of version 1 written anew", arguments: old) func renewal(name: String) throws {
    let old = try GoldenCases.file(name)
    #expect(old.contents.metadata[CaseFile.metadataKey]?.contains("spindle-case-1") == true)
    let new = try renewed(old)
    let text = try #require(new.contents.metadata[CaseFile.metadataKey])
    #expect(text.contains("\"format\":\"spindle-case-2\""))
    #expect(new.description.json == old.description.json && new.loss == old.loss)
    #expect(try new.parameters == new.description.parameters)
    let runs = try [old, new].map { try $0.run($0.network(), Execution(threads: 1)) }
    for (one, other) in zip(old.results, new.results) {
      #expect(runs[0].values[one.name] == runs[1].values[other.name], "\(one.name)")
      #expect(old.expected(one) == new.expected(other))
    }
    #expect(try CrossCheck().check(new).agrees)
    let again = try withTemporaryPath { path in
      try new.write(to: path)
      return try CaseFile(contentsOf: path)
    }
    #expect(again.description == new.description)
  }

  @Test("Names of tensors are the file's") func names() throws {
    let old = try GoldenCases.file("two-layers-bias-learned")
    #expect(old.parameters.map(\.name).contains("1.tau"))
    #expect(old.results.map(\.name).contains("grad.3.tau"))
    #expect(try renewed(old).results.map(\.name).contains("grad.1.tau"))
  }

  /// A change of a text of version 2, and what the error's sentence must contain.
  @Test(
    "Faults of the network",
    arguments: [
      ("\"inputs\": 7", "\"input\": 7", ["\"input\"", "did you mean \"inputs\"?"]),
      ("\"inputs\": 7, ", "", ["\"inputs\" in network"]),
      ("\"neurons\": 9", "\"neurons\": 0", ["network.layers[0].neurons", "from 1"]),
      ("\"slope\": 3.0", "\"slope\": 0", ["network.layers[0].surrogate.slope", "above zero"]),
      ("\"topology\": \"RC\"", "\"topology\": \"rc\"", ["network.layers[0].topology"]),
      ("\"topology\": \"RC\"", "\"topology\": \"FF\"", ["0.recurrent_weight"]),
      ("\"topology\": \"RC\"", "\"topology\": \"RC\", \"bias\": true", ["0.bias", "found none"]),
      ("\"time_step\": 0.001", "\"time_step\": 0", ["network.time_step"]),
      (
        "\"reset\": \"subtraction\"", "\"reset\": \"zero\", \"reset_timing\": \"delayed\"",
        ["network", "layers[0].reset_timing", "detached"]
      ),
      (
        "\"topology\": \"RC\"", "\"topology\": \"RC\", \"train_weights\": false",
        ["expected.grad.0.weight"]
      ),
    ])
  func faults(old: String, new: String, words: [String]) throws {
    let contents = try GoldenCases.file("filter-rc-mean-membrane").contents
    let changed = contents.describing(old, as: new)
    #expect(changed.metadata != contents.metadata, "the change changes nothing")
    let error = #expect(throws: CaseError.self) { try CaseFile(changed) }
    let sentence = error?.description ?? ""
    #expect(!sentence.contains("\n"))
    for word in words { #expect(sentence.contains(word), "\(sentence)") }
  }
}
