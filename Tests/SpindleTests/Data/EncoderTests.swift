import Foundation
import Spindle
import Testing

/// Each encoder against its formula.
struct EncoderTests {
  /// What an encoder makes of one sample.
  private func encode(
    _ encoder: any InputEncoder, _ values: [Float], steps: Int = 1, seed: UInt64 = 1
  ) throws -> [Float] {
    let dataset = try Dataset(values, count: 1, steps: steps, units: values.count / steps)
    return try EncodedDataset(dataset, encoder: encoder, seed: seed).batch([0]).input.numbers
  }

  /// The step in which each unit fires; nil where it does not.
  private func times(_ spikes: [Float], units: Int) throws -> [Int?] {
    try (0..<units).map { unit in
      let steps = stride(from: unit, to: spikes.count, by: units).enumerated()
        .filter { spikes[$0.element] == 1 }.map(\.offset)
      try #require(steps.count <= 1, "unit \(unit) fires \(steps.count) times")
      return steps.first
    }
  }

  /// By the documented numbers of the stream: sample i of epoch e takes those from i 2^32 of stream
  /// 3 2^32 + e on.
  @Test func rateIsBernoulliOfItsStream() throws {
    let values: [Float] = [0, 0.25, 1, 0.9, 0.5, 0.001]
    let dataset = try Dataset(values, count: 2, steps: 1, units: 3)
    let encoder = RateEncoder(repeats: 40, maximumProbability: 0.5)
    let encoded = try EncodedDataset(dataset, encoder: encoder, seed: 77)
    #expect(encoded.steps == 40 && encoded.units == 3 && encoded.count == 2)
    let batch = try encoded.batch([1, 0], epoch: 5)
    #expect(batch.input.isSpiking)
    for (b, sample) in [1, 0].enumerated() {
      for step in 0..<40 {
        for unit in 0..<3 {
          let number = Philox.number(
            seed: 77, stream: 3 << 32 + 5, UInt64(sample) << 32 + UInt64(step * 3 + unit))
          let probability = Double(values[sample * 3 + unit]) * 0.5
          #expect(
            batch.input.value(b, step, unit) == (Double(number) < probability * 0x1p32 ? 1 : 0),
            "sample \(sample), step \(step), unit \(unit)")
        }
      }
    }
  }

  @Test func ratesAreTheValues() throws {
    let values: [Float] = [0, 0.03, 0.5, 0.97, 1]
    let count = 20_000.0
    let spikes = try encode(RateEncoder(repeats: Int(count)), values)
    for (unit, value) in values.enumerated() {
      let p = Double(value)
      let rate =
        stride(from: unit, to: spikes.count, by: 5).reduce(0) { $0 + Double(spikes[$1]) } / count
      // Six standard deviations of a binomial share; none where p is 0 or 1.
      #expect(abs(rate - p) <= 6 * (p * (1 - p) / count).squareRoot(), "\(rate), not \(p)")
    }
    // A sequence keeps its steps.
    let sequence = try encode(RateEncoder(repeats: 2), [0, 1, 1, 0], steps: 2)
    #expect(sequence == [0, 1, 0, 1, 1, 0, 1, 0])
  }

  @Test func noiseBelongsToSeedEpochAndSample() throws {
    let dataset = try Dataset(
      [Float](repeating: 0.5, count: 40), count: 10, steps: 1, units: 4)
    let encoder = RateEncoder(repeats: 25)
    func draw(_ seed: UInt64, _ epoch: Int, _ sample: Int) throws -> [Float] {
      let encoded = try EncodedDataset(dataset, encoder: encoder, seed: seed)
      return try encoded.batch([sample], epoch: epoch).input.numbers
    }
    let first = try draw(1, 0, 3)
    #expect(try draw(1, 0, 3) == first)
    for other in [try draw(2, 0, 3), try draw(1, 1, 3), try draw(1, 0, 4)] {
      #expect(other != first)
    }
    // The noise goes with the sample, whatever batch and split it is in.
    let part = try dataset.subset([8, 3])
    let encoded = try EncodedDataset(part, encoder: encoder, seed: 1)
    #expect(Array(try encoded.batch([0, 1]).input.numbers[100...]) == first)
    #expect(try encoded.materialized()[1] == first)
  }

  @Test func linearLatency() throws {
    let values: [Float] = [1, 0, 0.5, 0.3, 0.2999, 0.94, 0.96]
    let all = try encode(LatencyEncoder(steps: 11), values)
    #expect(try times(all, units: 7) == [0, 10, 5, 7, 7, 1, 0])
    let some = try encode(LatencyEncoder(steps: 11, code: .linear(threshold: 0.3)), values)
    #expect(try times(some, units: 7) == [0, nil, 5, 7, nil, 1, 0])
    #expect(try times(encode(LatencyEncoder(steps: 1), [0, 1]), units: 2) == [0, 0])
  }

  /// Against a leaky integrator in steps much smaller than those of the code.
  @Test func logarithmicLatencyIsWhenAnIntegratorReachesTheThreshold() throws {
    let (tau, threshold, fine) = (8.0, 0.2, 1e-4)
    let values: [Float] = [0, 0.1, 0.2, 0.2001, 0.21, 0.25, 0.31, 0.47, 1, 5, 1e30]
    let code = LatencyEncoder.Code.logarithmic(tau: Float(tau), threshold: Float(threshold))
    let got = try times(
      encode(LatencyEncoder(steps: 40, code: code), values), units: values.count)
    for (unit, value) in values.enumerated() {
      var (potential, time) = (0.0, 0.0)
      while potential < Double(Float(threshold)), time < 60 {
        potential += fine / tau * (Double(value) - potential)
        time += fine
      }
      let step = time < 39.5 ? Int(time.rounded()) : nil
      #expect(got[unit] == step, "\(value): \(time)")
    }
    // snnTorch's numbers for tau 5 and threshold 0.01: 5 ln(x / (x - 0.01)).
    let snn = try encode(
      LatencyEncoder(steps: 30, code: .logarithmic(tau: 5, threshold: 0.01)),
      [1, 0.1, 0.05, 0.02, 0.0101])
    #expect(try times(snn, units: 5) == [0, 1, 1, 3, 23])
  }

  @Test func deltaFollowsALevel() throws {
    // A slow rise of 0.4 a step, a jump of 2.5 and a fall back to the beginning.
    let signal: [Float] = [1, 1.4, 1.8, 2.2, 4.7, 4.7, 4.7, 1, 1, 1, 1]
    let spikes = try encode(DeltaEncoder(threshold: 1), signal, steps: 11)
    let on = stride(from: 0, to: 22, by: 2).map { spikes[$0] }
    let off = stride(from: 1, to: 22, by: 2).map { spikes[$0] }
    #expect(on == [0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0])
    #expect(off == [0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0])
    let rises = try encode(DeltaEncoder(threshold: 1, hasOffUnits: false), signal, steps: 11)
    #expect(rises == on)
    // What the spikes say is within a threshold of the signal once they had time to follow.
    var random = SplitMix(seed: 4)
    var value: Float = 0
    let walk = (0..<500).map { _ -> Float in
      value += random.float(-0.25...0.25)
      return value
    }
    let events = try encode(DeltaEncoder(threshold: 0.25), walk, steps: 500)
    var level = walk[0]
    for step in 0..<500 {
      level += 0.25 * (events[2 * step] - events[2 * step + 1])
      #expect(abs(level - walk[step]) < 0.25, "step \(step)")
    }
  }

  @Test func deltaAgainstTheStepBefore() throws {
    let signal: [Float] = [0, 0, 1, 3, 1.5, 3.4, 2.5, 2.4]
    let encoder = DeltaEncoder(threshold: 1, reference: .previous)
    let spikes = try encode(encoder, signal, steps: 4)
    // Two units: 0, 1, 1.5, 2.5 and 0, 3, 3.4, 2.4.
    #expect(spikes == [0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1])
  }

  @Test func populationIsBohtesFields() throws {
    // The paper's numbers: m fields, centres I_min + (2 i - 3) / 2 (I_max - I_min) / (m - 2) for i
    // from 1, widths (I_max - I_min) / (beta (m - 2)).
    let (m, low, high, beta) = (6, -2.0, 3.0, 1.5)
    let encoder = PopulationEncoder(fields: m, range: -2...3)
    let values: [Float] = [-2, 0.3, 3]
    let got = try encode(encoder, values)
    for (unit, value) in values.enumerated() {
      for i in 1...m {
        let centre = low + Double(2 * i - 3) / 2 * (high - low) / Double(m - 2)
        let sigma = 1 / beta * (high - low) / Double(m - 2)
        let exact = exp(-pow(Double(value) - centre, 2) / (2 * sigma * sigma))
        let error = abs(Double(got[unit * m + i - 1]) - exact)
        #expect(!(error > 0x1p-24 * exact + 1e-14), "value \(value), field \(i): \(error)")
      }
    }
    let chain = encoder.then(CurrentEncoder(repeats: 3, gain: 2))
    let currents = try encode(chain, values)
    #expect(currents == (0..<3).flatMap { _ in got.map { 2 * $0 } })
    let spikes = try encode(encoder.then(LatencyEncoder(steps: 9)), values)
    let expected = got.map { Int((8 * (1 - Double($0))).rounded()) as Int? }
    #expect(try times(spikes, units: 18) == expected)
  }

  @Test func currentsAreHeld() throws {
    #expect(try encode(CurrentEncoder(repeats: 2, gain: 3), [1, -2]) == [3, -6, 3, -6])
    let sequence = try encode(CurrentEncoder(repeats: 2), [1, 2, 3, 4], steps: 2)
    #expect(sequence == [1, 2, 1, 2, 3, 4, 3, 4])
  }

  @Test func targetsAndKeptSamples() throws {
    let targets = Targets.values(try Tensor(shape: [2, 5, 1], values: (0..<10).map { Float($0) }))
    let dataset = try Dataset([0.5, 0.25], count: 2, steps: 1, units: 1, targets: targets)
    let encoded = try EncodedDataset(dataset, encoder: RateEncoder(repeats: 5), seed: 3)
    let batch = try encoded.batch([1], epoch: 2)
    #expect(try batch.target == .values(Tensor(shape: [1, 5, 1], values: [5, 6, 7, 8, 9])))
    let kept = try encoded.materialized(epoch: 2)
    #expect(kept.isSpiking && kept.shape == [2, 5, 1])
    #expect(kept[1] == batch.input.numbers)
  }
}
