import SpindleJSON
import Testing

/// Values of a description, and the sentences of its errors.
struct DescriptionTests {
  private func root(_ text: String) throws -> DescriptionObject {
    try DescriptionValue(parsing: text, root: "the text").object()
  }

  private func expect(
    _ words: String..., location: SourceLocation = #_sourceLocation,
    read: () throws(DescriptionError) -> Void
  ) {
    do throws(DescriptionError) {
      try read()
      Issue.record("no error", sourceLocation: location)
    } catch {
      for word in words {
        #expect(error.description.contains(word), "\(error)", sourceLocation: location)
      }
    }
  }

  @Test func placesLeadToTheValue() throws {
    let object = try root(#"{"layers": [{"tau": 1}, {"tau": [1, -2], "kind": "lif"}]}"#)
    let layers = try object.value("layers").list()
    #expect(layers[1].place == "layers[1]")
    let layer = try layers[1].object()
    expect("layers[1].tau[1]", "above zero", "-2") { () throws(DescriptionError) in
      _ = try Format<[Double]>.list(of: .number(.positive)).read(layer.value("tau"))
    }
    expect("layers[1].tau", "at least 3", "a list of 2") { () throws(DescriptionError) in
      _ = try Format<[Double]>.list(of: .number(.any), atLeast: 3).read(layer.value("tau"))
    }
    expect("\"tua\" in layers[1]", "none") { () throws(DescriptionError) in
      _ = try layer.value("tua")
    }
    expect("layers[0].tau", "true or false") { () throws(DescriptionError) in
      _ = try layers[0].object().flag("tau")
    }
    #expect(try layers[0].object().value("tau").number(.positive) == 1)
  }

  @Test(arguments: [
    ("synaptic_tua", "synaptic_tau"), ("Tau", "tau"), ("neuron", "neurons"),
    ("topolgy", "topology"), ("kind_", "kind"),
  ])
  func suggestsTheNearestKey(wrong: String, right: String) throws {
    let keys = ["kind", "neurons", "tau", "topology", "synaptic_tau"]
    let object = try root("{\"\(wrong)\": 1}")
    expect("did you mean \"\(right)\"?", "in the text", "\"\(wrong)\"") {
      () throws(DescriptionError) in try object.allow(keys)
    }
  }

  @Test func suggestsNothingFarFetched() throws {
    let object = try root(#"{"colour": 1}"#)
    do throws(DescriptionError) {
      try object.allow(["kind", "tau"])
      Issue.record("no error")
    } catch {
      #expect(!error.description.contains("did you mean"))
    }
  }

  @Test(arguments: [(65, "65"), (0, "0"), (-0.5, "-0.5"), (.nan, "nan")] as [(Double, String)])
  func numbersAreFoundAsTheyAreWritten(number: Double, text: String) {
    let error = DescriptionValue(.number(number), root: "it").refused(expected: "more")
    #expect(error.description.hasSuffix("found \(text)"), "\(error)")
  }

  @Test func boundsSayWhatTheyAllow() {
    for (bounds, text, inside, outside) in [
      (NumberBounds.positive, "a number above zero", [1e-30, 1], [0, -1, 1e-60]),
      (.fraction, "a number from 0.0 to 1.0", [0, 1], [-0.1, 1.1]),
      (NumberBounds(from: 0, below: 1), "a number from 0.0 to below 1.0", [0], [1, 0.999999999]),
      (.any, "a number", [-1e30], [1e39]),
    ] {
      #expect(bounds.description == text)
      for number in inside { #expect(bounds.contains(number), "\(number): \(text)") }
      for number in outside { #expect(!bounds.contains(number), "\(number): \(text)") }
    }
  }
}
