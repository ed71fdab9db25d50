import Spindle
import SpindleTensors
import Testing

@testable import SpindleCrossCheck

/// Every fault of a case is one error that names the place.
@Suite("Errors of a case") struct CaseFileErrorTests {
  /// A change of the text of a case, and what the error's sentence must contain.
  struct BadText: Sendable, CustomTestStringConvertible {
    let old: String
    let new: String
    let words: [String]

    init(_ old: String, _ new: String, _ words: String...) {
      (self.old, self.new, self.words) = (old, new, words)
    }

    var testDescription: String { "\(old) -> \(new)" }
  }

  static let texts = [
    BadText("spindle-case-1", "spindle-case-2", "\"spindle-case-1\" for format", "spindle-case-2"),
    BadText("\"format\":", "\"forma\":", "\"format\" in spindle.case"),
    BadText("\"time_step\": 0.001", "\"time_step\": 0", "above zero", "time_step"),
    BadText("\"time_step\": 0.001", "\"time_step\": 1e-60", "float32", "time_step"),
    BadText("\"time_step\": 0.001", "\"time_step\": 1e999", "line 1, column"),
    BadText("\"time_step\": 0.001", "\"time_step\": NaN", "line 1, column"),
    BadText("\"time_step\": 0.001", "\"time_step\": \"1\"", "time_step", "\"1\""),
    BadText("\"time_step\": 0.001", "\"time_step\": 01", "number", "\"01\""),
    BadText("\"time_step\"", "\"colour\": 1, \"time_step\"", "\"colour\"", "time_step, layers"),
    BadText("\"time_step\"", "\"time_step\": 1, \"time_step\"", "\"time_step\" again"),
    BadText("\"inputs\": 8", "\"inputs\": 0", "layers[0].inputs", "from 1"),
    BadText("\"inputs\": 8", "\"inputs\": 8.5", "layers[0].inputs", "8.5"),
    BadText("\"inputs\": 8", "\"inputs\": 9223372036854775808", "layers[0].inputs"),
    BadText("\"inputs\": 8", "\"inputs\": 1000000000", "input", "1000000000]"),
    BadText("\"inputs\": 8", "\"inputs\": -8", "layers[0].inputs"),
    BadText("\"inputs\": 8", "\"inputs\": null", "layers[0].inputs", "null"),
    BadText("\"outputs\": 5", "\"outputs\": 6", "6 neurons for layer 3", "found 5"),
    BadText("\"inputs\": 19", "\"inputs\": 18", "19 inputs for layer 2", "found 18"),
    BadText("\"bias\": true", "\"bias\": 1", "true or false", "layers[0].bias"),
    BadText("\"bias\": true", "\"bias\": false", "0.bias"),
    BadText("\"bias\": true", "\"biass\": true", "\"biass\"", "layers[0]", "bias"),
    BadText("\"kind\": \"synapse\"", "\"kind\": \"conv\"", "synapse", "lif", "\"conv\""),
    BadText("\"kind\": \"lif\"", "\"kind\": \"li\"", "layers[1]", "learn_tau"),
    BadText("\"neurons\": 5", "\"neurons\": 4", "layers[3].threshold", "list of 4"),
    BadText("\"reset\": \"zero\"", "\"reset\": \"soft\"", "layers[1].reset", "\"soft\""),
    BadText("\"reset\": \"zero\"", "\"reset_gradient\": \"attached\"", "\"reset\" in layers[1]"),
    BadText("\"topology\": \"RC\"", "\"topology\": \"rc\"", "\"FF\", \"RC\"", "\"rc\""),
    BadText("\"topology\": \"RC\"", "\"topology\": \"FF\"", "1.recurrent_weight"),
    BadText("\"fast_sigmoid\"", "\"relu\"", "layers[1].surrogate.kind", "rectangular", "\"relu\""),
    BadText("\"slope\": 4.0", "\"slope\": 0", "layers[1].surrogate.slope", "above zero"),
    BadText("\"slope\": 4.0", "\"slop\": 4.0", "layers[1].surrogate", "\"slop\""),
    BadText("\"synaptic_tau\": 0.006", "\"synaptic_tau\": -1", "layers[3].synaptic_tau"),
    BadText("\"synaptic_tau\": 0.006", "\"synaptic_tau\": null", "layers[3].synaptic_tau"),
    BadText(
      "\"learn_tau\": true", "\"learn_tau\": \"yes\"", "layers[1].learn_tau", "true or false"),
    BadText("\"learn_tau\": true", "\"learn_tau\": false", "expected.grad.1.tau"),
    BadText("\"threshold\": 1.0", "\"threshold\": [1.0]", "layers[1].threshold", "a list of 1"),
    BadText("[0.7,", "[\"x\",", "layers[3].threshold[0]"),
    BadText(
      "\"reset\": \"zero\"", "\"reset\": \"zero\", \"reset_timing\": \"late\"",
      "layers[1].reset_timing", "\"late\""),
    BadText(
      "\"reset\": \"zero\"", "\"reset\": \"zero\", \"refractory_steps\": -1",
      "layers[1].refractory_steps", "from 0"),
    BadText(
      "\"reset\": \"zero\"", "\"reset\": \"zero\", \"adaptation\": {\"strength\": 1}",
      "\"tau\" in layers[1].adaptation"),
    BadText(
      "\"reset\": \"zero\"",
      "\"reset\": \"zero\", \"adaptation\": {\"strength\": 1, \"tau\": 0}",
      "layers[1].adaptation.tau", "above zero"),
    BadText(
      "\"reset\": \"zero\"",
      "\"reset\": \"zero\", \"adaptation\": {\"strength\": [1], \"tau\": 1}",
      "layers[1].adaptation.strength", "a list of 1"),
    BadText(
      "\"reset\": \"zero\"", "\"reset\": \"zero\", \"learn_synaptic_tau\": true",
      "\"synaptic_tau\" in layers[1]"),
    BadText("rate_cross_entropy", "mean_rate_mse", "\"target\"", "F32"),
    BadText("rate_cross_entropy", "hinge", "loss.kind", "membrane_mse", "\"hinge\""),
    BadText("{\"kind\": \"rate", "{\"x\": 1, \"kind\": \"rate", "loss", "\"x\""),
    BadText("{\"format\"", "[\"format\"", "line 1, column"),
    BadText("\"layers\": [", "\"layers\": [[", "line 1, column"),
    BadText("\"layers\": [", "\"layers\": [[], ", "layers[0]", "an object", "a list"),
  ]

  @Test("The description", arguments: texts) func description(bad: BadText) throws {
    let contents = try GoldenCases.file("two-layers-bias-learned").contents
    let changed = contents.describing(bad.old, as: bad.new)
    #expect(changed.metadata != contents.metadata, "the change changes nothing")
    expectSentence(changed, bad.words)
  }

  @Test("Other texts") func otherTexts() throws {
    let contents = try GoldenCases.file("one-sample-one-step").contents
    let nested = String(repeating: "[", count: 100_000)
    for (text, word) in [
      ("", "line 1, column"), ("{}", "format"), ("[]", "an object"), ("null", "null"),
      (nested, "brackets"),
      (
        #"{"format": "spindle-case-1", "time_step": 1, "layers": [], "loss": {"kind": "membrane_mse"}}"#,
        "layer 0"
      ),
    ] {
      expectSentence(contents.describing(text), [word])
    }
    var other = contents
    other.metadata = [:]
    expectSentence(other, ["spindle.case", "not a case"])
    other = contents
    other.metadata["format"] = "pt"
    expectSentence(other, ["\"format\""])
  }

  @Test("Layers in the wrong order") func order() throws {
    let contents = try GoldenCases.file("integrator-filter-learned").contents
    let synapse = #"{"kind": "synapse", "inputs": 3, "outputs": 3}"#
    let integrators = #"{"kind": "li", "neurons": 3, "tau": 1}"#
    for (layers, words) in [
      ([integrators], ["a synapse for layer 0"]),
      ([synapse], ["neurons for layer 1", "none"]),
      ([synapse, synapse], ["neurons for layer 1", "a synapse"]),
      ([synapse, integrators, synapse, integrators], ["layer 2", "leaky integrators"]),
    ] {
      let text = """
        {"format": "spindle-case-1", "time_step": 1, "layers": [\(layers.joined(separator: ","))],
         "loss": {"kind": "membrane_mse"}}
        """
      expectSentence(contents.describing(text), words)
    }
    expectSentence(
      contents.describing("membrane_mse", as: "mean_rate_mse"), ["mean_rate_mse", "spikes"])
  }

  @Test("Every tensor missing, of another type, of another shape")
  func tensors() throws {
    let contents = try GoldenCases.file("rectangular-membrane-mse").contents
    for tensor in contents.tensors {
      let integers = try SafetensorsFile.Tensor(
        tensor.name, shape: tensor.shape, [Int32](repeating: 0, count: tensor.count))
      expectSentence(
        try contents.replacing(tensor.name, with: integers), ["\"\(tensor.name)\"", "F32", "I32"])
      let longer = try SafetensorsFile.Tensor(
        tensor.name, shape: tensor.shape + [1], tensor.floats())
      expectSentence(
        try contents.replacing(tensor.name, with: longer), ["\"\(tensor.name)\"", "shape"])
      guard !tensor.name.hasPrefix("expected.") else { continue }
      expectSentence(
        try contents.replacing(tensor.name, with: nil), ["\"\(tensor.name)\"", "found none"])
      for value in [Float.nan, -.infinity] {
        expectSentence(
          try contents.changing(tensor.name, at: 1, to: value),
          ["\"\(tensor.name)\"", "finite", "\(value)"])
      }
    }
  }

  @Test("Tensors that do not belong") func unknownTensors() throws {
    let contents = try GoldenCases.file("rectangular-membrane-mse").contents
    for name in ["expected.grad.1.tau", "expected.colour", "2.weight", "0.weights", "", "1.tau.x"] {
      let tensor = try SafetensorsFile.Tensor(name, shape: [1], [1 as Float])
      expectSentence(try contents.replacing(name, with: tensor), ["\"\(name)\"", "0.weight"])
    }
  }

  @Test("Sizes of zero, and too large") func sizes() throws {
    let contents = try GoldenCases.file("one-sample-one-step").contents
    for shape in [[0, 1, 3], [1, 0, 3], [0, 0, 3], [3], [1, 1, 3, 1]] {
      let count = shape.reduce(1, *)
      let input = try SafetensorsFile.Tensor(
        "input", shape: shape, [Float](repeating: 0, count: count))
      expectSentence(try contents.replacing("input", with: input), ["input", "[B, T, 3]"])
    }
    let long = CaseFile.largestTrace / 16 + 1
    let input = try SafetensorsFile.Tensor(
      "input", shape: [1, long, 3], [Float](repeating: 0, count: 3 * long))
    expectSentence(try contents.replacing("input", with: input), ["\(long) steps"])
  }

  @Test("Classes and time constants out of range") func ranges() throws {
    let contents = try GoldenCases.file("two-layers-bias-learned").contents
    for value in [-1, 5, Int32.min, .max] {
      let target = try SafetensorsFile.Tensor("target", shape: [3], [0, value, 1])
      expectSentence(
        try contents.replacing("target", with: target),
        ["target", "from 0 to 4", "\(value)", "[1]"])
    }
    for value in [0, -1] as [Float] {
      expectSentence(
        try contents.changing("1.tau", at: 2, to: value), ["1.tau", "above zero", "[2]"])
    }
  }

  @Test("Files that are none") func files() async throws {
    try await withTemporaryPath { path in
      #expect(throws: CaseError.self) { try CaseFile(contentsOf: path) }
      try SafetensorsFile([]).write(to: path)
      let error = #expect(throws: CaseError.self) { try CaseFile(contentsOf: path) }
      #expect(error == .inFile(path: path, .noDescription))
      #expect(error?.description.hasPrefix("\(path): ") == true)
    }
  }

  /// Requires that the file is refused with one line that has all the words.
  private func expectSentence(
    _ contents: SafetensorsFile, _ words: [String],
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    do throws(CaseError) {
      _ = try CaseFile(contents)
      Issue.record("no error", sourceLocation: sourceLocation)
    } catch {
      let sentence = error.description
      #expect(!sentence.contains("\n"), sourceLocation: sourceLocation)
      for word in words {
        #expect(sentence.contains(word), "\(sentence)", sourceLocation: sourceLocation)
      }
    }
  }
}
