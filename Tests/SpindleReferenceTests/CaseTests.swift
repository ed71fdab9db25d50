import SpindleReference
import Testing

/// The most that a tensor may differ, relative to its largest absolute value: the expected values
/// are float32 sums of at most some thousand terms.
private let relativeTolerance = 2e-5

@Suite(.enabled(if: CaseFile.arePresent, "no cases; set SPINDLE_SHARED to their parent directory"))
struct CaseTests {
  @Test(arguments: CaseFile.names)
  func double(name: String) async throws {
    try await check(name, Double.self)
  }

  @Test(arguments: CaseFile.names)
  func float(name: String) async throws {
    try await check(name, Float.self)
  }

  /// Forcing the spikes that the rule would find changes nothing.
  @Test(arguments: CaseFile.names)
  func forcedSpikes(name: String) async throws {
    let file = try CaseFile(name)
    let network = try file.network(Double.self)
    let loss = try file.loss(Double.self)
    let input = try file.tensor("input")
    let (batch, steps) = (input.shape[0], input.shape[1])
    let free = try await network.step(input: input.values, batch: batch, steps: steps, loss: loss)
    let spikes = free.trace.layers.map(\.spikes)
    let forced = try await network.step(
      input: input.values, batch: batch, steps: steps, loss: loss, spikes: .forced(spikes))
    #expect(forced.loss == free.loss)
    #expect(forced.gradients == free.gradients)
  }

  private func check<Scalar: ReferenceScalar>(_ name: String, _: Scalar.Type) async throws {
    let file = try CaseFile(name)
    let input = try file.tensor("input")
    let result = try await file.network(Scalar.self).step(
      input: input.values.map { Scalar($0) }, batch: input.shape[0], steps: input.shape[1],
      loss: file.loss(Scalar.self))
    let last = try #require(result.trace.layers.last)
    var computed = result.gradients.map { ("expected.grad." + $0.key, $0.value) }
    computed.append(("expected.loss", [result.loss]))
    computed.append(("expected.membrane", last.membrane))
    if let spikes = last.spikes {
      computed.append(("expected.potential", last.potential))
      #expect(spikes.map { Double($0) } == (try file.tensor("expected.spikes")).values)
    }
    let expected = file.tensors.keys.filter { $0.hasPrefix("expected") && !$0.hasSuffix("spikes") }
    #expect(computed.map(\.0).sorted() == expected.sorted())
    for (key, values) in computed {
      expectClose(
        values.map { Double($0) }, try file.tensor(key).values, relativeTolerance,
        "\(name) \(key)")
    }
  }
}

/// Requires |a - b| <= tolerance x the largest |b| everywhere; reports the worst place.
func expectClose(
  _ values: [Double], _ expected: [Double], _ tolerance: Double, _ name: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  guard values.count == expected.count else {
    Issue.record(
      "\(name): \(values.count) elements, not \(expected.count)", sourceLocation: sourceLocation)
    return
  }
  let scale = expected.reduce(0) { max($0, $1.magnitude) }
  var worst: (index: Int, error: Double)?
  for (index, (value, reference)) in zip(values, expected).enumerated() {
    let error = (value - reference).magnitude
    // Written so that NaN fails.
    if !(error <= tolerance * scale), worst.map({ !(error <= $0.error) }) ?? true {
      worst = (index, error)
    }
  }
  if let (index, error) = worst {
    Issue.record(
      """
      \(name)[\(index)] is \(values[index]), not \(expected[index]): off by \(error), \
      allowed \(tolerance * scale)
      """, sourceLocation: sourceLocation)
  }
}
