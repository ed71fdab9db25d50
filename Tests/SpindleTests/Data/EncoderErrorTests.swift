import Spindle
import Testing

/// What encoders refuse.
struct EncoderErrorTests {
  private func encode(
    _ encoder: any InputEncoder, _ values: [Float] = [0, 1], steps: Int = 1
  ) throws {
    let dataset = try Dataset(values, count: 1, steps: steps, units: values.count / steps)
    _ = try EncodedDataset(dataset, encoder: encoder, seed: 0).batch([0])
  }

  @Test func valuesOutOfRange() throws {
    let ranges: [(any InputEncoder, [Float], String)] = [
      (RateEncoder(repeats: 3), [0.5, 1.5], "unit 1 of sample 0 must be from 0.0 to 1.0, got 1.5"),
      (RateEncoder(), [-0.1, 0], "step 0, unit 0 of sample 0 must be from 0.0 to 1.0"),
      (LatencyEncoder(steps: 3), [0, 2], "must be from 0.0 to 1.0, got 2.0"),
      (LatencyEncoder(steps: 3, code: .logarithmic()), [1, -1], "must be at least 0.0, got -1.0"),
      (PopulationEncoder(fields: 4, range: -1...1), [0, 1.25], "must be from -1.0 to 1.0"),
      (
        CurrentEncoder(gain: 4).then(RateEncoder()), [0, 0.5],
        "what the first encoder of a chain gives must be from 0.0 to 1.0, got 2.0"
      ),
      (CurrentEncoder(gain: 1e30), [0, 1e30], "a current, a value times the gain, must be finite"),
    ]
    for (encoder, values, words) in ranges {
      expectError(words) { try encode(encoder, values) }
    }
    // Found before training, wherever it is.
    let dataset = try Dataset([0, 0, 0, 0, 0, 7], count: 3, steps: 2, units: 1)
    expectError("step 1, unit 0 of sample 2 must be from 0.0 to 1.0, got 7.0") {
      _ = try EncodedDataset(dataset, encoder: RateEncoder(), seed: 0)
    }
  }

  @Test func options() throws {
    for repeats in [0, -1, Int.min, Int.max] {
      expectError("repeats of a rate code") { try encode(RateEncoder(repeats: repeats)) }
      expectError("repeats of a current") { try encode(CurrentEncoder(repeats: repeats)) }
      expectError("steps of a latency code") { try encode(LatencyEncoder(steps: repeats)) }
      expectError("receptive fields of a unit") { try encode(PopulationEncoder(fields: repeats)) }
    }
    expectError("encoded steps") { try encode(RateEncoder(repeats: 1 << 30), [0, 1], steps: 2) }
    for value in [-0.1, 1.1, .nan] as [Float] {
      expectError("maximum probability") { try encode(RateEncoder(maximumProbability: value)) }
      expectError("threshold of a linear latency") {
        try encode(LatencyEncoder(steps: 2, code: .linear(threshold: value)))
      }
    }
    for value in [0, -1, .nan, .infinity] as [Float] {
      expectError("threshold of a delta code") { try encode(DeltaEncoder(threshold: value)) }
      expectError("tau and threshold") {
        try encode(LatencyEncoder(steps: 2, code: .logarithmic(tau: value)))
      }
      expectError("tau and threshold") {
        try encode(LatencyEncoder(steps: 2, code: .logarithmic(threshold: value)))
      }
      expectError("a positive beta") { try encode(PopulationEncoder(fields: 3, beta: value)) }
    }
    expectError("gain of a current") { try encode(CurrentEncoder(gain: .infinity)) }
    expectError("of a finite range") { try encode(PopulationEncoder(fields: 3, range: 1...1)) }
    expectError("of a finite range") {
      try encode(PopulationEncoder(fields: 3, range: 0...(.infinity)))
    }
    expectError("a static vector, of 1 step, got 2 steps") {
      try encode(LatencyEncoder(steps: 5), [0, 1], steps: 2)
    }
    expectError("a static vector") {
      try encode(CurrentEncoder(repeats: 2).then(LatencyEncoder(steps: 5)))
    }
  }

  /// Encoders of a user's own that break their word.
  private struct Broken: InputEncoder {
    let range: ClosedRange<Float> = -10...10
    let givesSpikes: Bool
    let output: [Float]

    func shape(steps: Int, units: Int) -> (steps: Int, units: Int) { (2, 1) }

    func encode(
      _ values: [Float], steps: Int, units: Int, random: inout RandomStream
    ) -> [Float] { output }
  }

  @Test func anEncoderOfOnesOwn() throws {
    try encode(Broken(givesSpikes: true, output: [0, 1]))
    try encode(Broken(givesSpikes: false, output: [0.5, 3]))
    expectError("an encoded sample must have shape [2, 1], got [3]") {
      try encode(Broken(givesSpikes: true, output: [0, 1, 1]))
    }
    expectError("what an encoder of spikes gives must be 0 or 1, got 0.5") {
      try encode(Broken(givesSpikes: true, output: [0, 0.5]))
    }
    expectError("an encoded sample must be finite, got nan at index 1") {
      try encode(Broken(givesSpikes: false, output: [0, .nan]))
    }
  }

  @Test func batches() throws {
    let dataset = try Dataset([0, 0.5], count: 2, steps: 1, units: 1)
    let encoded = try EncodedDataset(dataset, encoder: RateEncoder(repeats: 4), seed: 0)
    expectError("index must be from 0 to 1, got 2") { _ = try encoded.batch([2]) }
    expectError("chosen samples") { _ = try encoded.batch([]) }
    for epoch in [-1, 1 << 32] {
      expectError("an epoch") { _ = try encoded.batch([0], epoch: epoch) }
    }
  }
}
