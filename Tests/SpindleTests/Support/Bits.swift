import Spindle
import Testing

/// Where two arrays first differ in a bit, as a sentence; nil where they do not. Unlike ==, it tells
/// 0 from -0 and finds NaN equal to the same NaN.
func firstDifference(_ got: [Float], _ expected: [Float]) -> String? {
  guard got.count == expected.count else { return "\(got.count) numbers, not \(expected.count)" }
  for index in got.indices where got[index].bitPattern != expected[index].bitPattern {
    return "[\(index)] is \(got[index]), not \(expected[index])"
  }
  return nil
}

/// Everything that a run gives, to compare bit for bit.
struct Bits {
  var parts: [(name: String, values: [Float])] = []
  var losses: [Double] = []

  mutating func add(_ name: String, _ values: [Float]) { parts.append((name, values)) }

  mutating func add(_ recording: Recording, _ name: String = "") {
    add(name + "spikes", recording.spikes.values)
    add(name + "potential", recording.potential.values)
    add(name + "membrane", recording.membrane.values)
  }

  init() {}

  init(_ evaluation: LossEvaluation) {
    losses = [evaluation.loss, evaluation.regularization]
    add(evaluation.recording)
    for (name, values) in evaluation.gradients.sorted(by: { $0.key < $1.key }) {
      add("gradient of \(name)", values)
    }
  }

  /// Expects the same bits; `context` says what differed between the runs.
  func expectSame(as expected: Bits, _ context: String) {
    for (index, pair) in zip(losses, expected.losses).enumerated() {
      #expect(
        pair.0.bitPattern == pair.1.bitPattern,
        "\(context): loss \(index) is \(pair.0), not \(pair.1)")
    }
    #expect(losses.count == expected.losses.count, "\(context)")
    #expect(parts.map(\.name) == expected.parts.map(\.name), "\(context)")
    for (part, other) in zip(parts, expected.parts) {
      let difference = firstDifference(part.values, other.values)
      #expect(difference == nil, "\(context): \(part.name)\(difference ?? "")")
    }
  }
}
