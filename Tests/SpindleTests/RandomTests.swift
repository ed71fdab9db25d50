import CSpindle
import Foundation
import Spindle
import Testing

/// Random numbers against an independent implementation, in Double where they are not integers.
struct RandomTests {
  static let isas = (1..<UInt32(SPINDLE_ISA_COUNT)).map { spindle_isa(rawValue: $0) }
    .filter { spindle_isa_supported($0) }

  /// Random123's known answers.
  @Test func independentImplementationKnowsTheAnswers() {
    let all = UInt32.max
    #expect(
      Philox.block([0, 0, 0, 0], key: [0, 0])
        == [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8])
    #expect(
      Philox.block([all, all, all, all], key: [all, all])
        == [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd])
    #expect(
      Philox.block(
        [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], key: [0xa409_3822, 0x299f_31d0])
        == [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1])
  }

  /// The first known answer through the documented places: numbers 0, 16, 32 and 48.
  @Test func bitsKnowTheAnswer() throws {
    for isa in Self.isas {
      let got = bits(seed: 0, stream: 0, offset: 0, count: 64, isa)
      #expect(
        [got[0], got[16], got[32], got[48]]
          == [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8], "\(isa)")
    }
  }

  @Test(
    arguments: [
      (0, 0, 0), (1, 2, 64), (.max, .max, 0), (0x0123_4567_89ab_cdef, 1 << 32, 1 << 34),
      (42, 7, (1 << 34) - 128), (.max, 5, .max - 63 - 64 * 7), (3, .max, (1 << 60) + 640),
    ] as [(UInt64, UInt64, UInt64)])
  func bitsMatch(seed: UInt64, stream: UInt64, offset: UInt64) {
    for isa in Self.isas {
      let got = bits(seed: seed, stream: stream, offset: offset, count: 450, isa)
      for (index, value) in got.enumerated() {
        let expected = Philox.number(seed: seed, stream: stream, offset &+ UInt64(index))
        #expect(value == expected, "\(isa): number \(index)")
      }
    }
  }

  /// However many numbers are asked for, they are the first of the same stream.
  @Test func countDoesNotMatter() throws {
    var whole = RandomStream(seed: 3, stream: 4)
    let uniform = try whole.uniform(low: -1, high: 2, count: 300)
    var again = RandomStream(seed: 3, stream: 4)
    let normal = try again.normal(mean: 1, standardDeviation: 2, count: 300)
    for count in [0, 1, 15, 16, 17, 63, 64, 65, 127, 200, 299] {
      var stream = RandomStream(seed: 3, stream: 4)
      #expect(try stream.uniform(low: -1, high: 2, count: count) == Array(uniform[..<count]))
      #expect(stream.offset == UInt64((count + 63) / 64 * 64))
      stream = RandomStream(seed: 3, stream: 4)
      #expect(
        try stream.normal(mean: 1, standardDeviation: 2, count: count) == Array(normal[..<count]))
    }
  }

  /// low + (high - low) x rounded once, x of 24 bits; never high itself.
  @Test(
    arguments: [
      (0, 1), (-1, 1), (5, 5.000001), (-1e-30, 1e-30), (1e6, 1e6 + 1), (-1.5e38, 1.5e38),
    ] as [(Float, Float)])
  func uniformStaysInItsRange(low: Float, high: Float) throws {
    var stream = RandomStream(seed: 11, stream: 0)
    let values = try stream.uniform(low: low, high: high, count: 20_000)
    for (index, value) in values.enumerated() {
      let bits = Philox.number(seed: 11, stream: 0, UInt64(index))
      let exact = low.addingProduct(Float(bits >> 8) * 0x1p-24, high - low)
      #expect(value == (exact < high ? exact : low), "number \(index)")
      #expect(value >= low && value < high, "number \(index) is \(value)")
    }
  }

  @Test func uniformIsUniform() throws {
    let count = 1_000_000
    var stream = RandomStream(seed: 12, stream: 0)
    var bins = [Int](repeating: 0, count: 100)
    for value in try stream.uniform(low: 0, high: 1, count: count) { bins[Int(value * 100)] += 1 }
    // A sum of 100 squared deviations: chi squared of 99 degrees, whose standard deviation is
    // sqrt(2 * 99) = 14; six of them from the mean.
    let expected = Double(count) / 100
    let chi = bins.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
    #expect(abs(chi - 99) < 6 * 14, "chi squared of \(chi)")
  }

  /// Box and Muller from the same bits in Double. The radius has at most 3 units in the last place
  /// of error and the cosine 1, of a result that is no larger than the radius.
  @Test func normalMatchesDouble() throws {
    for isa in Self.isas {
      var raw = spindle_random(seed: 77, stream: 5, offset: 128, isa: isa)
      var values = [Float](repeating: 0, count: 64 * 400)
      #expect(
        unsafe spindle_random_normal(&raw, 0, 1, values.count, &values) == SPINDLE_OK)
      var worst = 0.0
      for (index, value) in values.enumerated() {
        let (group, j) = (index / 64, index % 64)
        let first = UInt64(128 + group * 64 + j / 32 * 32 + j % 16)
        let u = Double(Philox.number(seed: 77, stream: 5, first) >> 8) + 1
        let angle = Double(Philox.number(seed: 77, stream: 5, first + 16) >> 8) * 0x1p-24
        let radius = (-2 * log(u * 0x1p-24)).squareRoot()
        let turn = 2 * Double.pi * angle
        let exact = radius * (j / 16 % 2 == 0 ? cos(turn) : sin(turn))
        worst = max(worst, abs(Double(value) - exact) / Double(Float(radius).ulp))
      }
      #expect(worst <= 4, "\(isa): \(worst) units in the last place of the radius")
    }
  }

  /// Six standard deviations of each estimate: of a normal variable x^2 has variance 2, x^3 15,
  /// x^4 96; the number beyond k is binomial.
  @Test func normalHasItsMomentsAndTails() throws {
    let count = 1_000_000.0
    var stream = RandomStream(seed: 13, stream: 0)
    let values = try stream.normal(mean: 0, standardDeviation: 1, count: Int(count))
      .map(Double.init)
    for (power, moment, variance) in [(1.0, 0.0, 1.0), (2, 1, 2), (3, 0, 15), (4, 3, 96)] {
      let got = values.reduce(0) { $0 + pow($1, power) } / count
      #expect(abs(got - moment) < 6 * (variance / count).squareRoot(), "moment \(power): \(got)")
    }
    for k in 0..<5 {
      let p = erfc(Double(k) / 2.0.squareRoot()) / 2
      for sign in [1.0, -1] {
        let beyond = Double(values.count { $0 * sign > Double(k) })
        let bound = 6 * (count * p * (1 - p)).squareRoot()
        #expect(abs(beyond - count * p) < bound, "beyond \(sign * Double(k)): \(beyond)")
      }
    }
  }

  /// A unit fires where its number is below probability 2^32; the padding of a row stays zero.
  @Test(arguments: [1, 5, 16, 31, 32, 33, 100] as [UInt32], [0, 1e-9, 0.03, 0.4, 0.999, 1])
  func spikesMatch(units: UInt32, probability: Double) {
    let rows = 37
    let words = (Int(units) + 31) / 32
    for isa in Self.isas {
      var raw = spindle_random(seed: 9, stream: 1, offset: 64, isa: isa)
      var got = [UInt32](repeating: .max, count: rows * words)
      #expect(
        unsafe spindle_random_spikes(&raw, probability, rows, units, &got) == SPINDLE_OK)
      var expected = [UInt32](repeating: 0, count: rows * words)
      for index in 0..<rows * Int(units) {
        let number = Philox.number(seed: 9, stream: 1, 64 + UInt64(index))
        guard UInt64(number) < UInt64(probability * 0x1p32) else { continue }
        let (row, unit) = (index / Int(units), index % Int(units))
        expected[row * words + unit / 32] |= 1 << UInt32(unit % 32)
      }
      #expect(got == expected, "\(isa)")
    }
  }

  @Test func spikesHaveTheirRate() throws {
    var train = try SpikeTrain(batch: 100, steps: 100, units: 100)
    var stream = RandomStream(seed: 21, stream: 0)
    for p in [0.05, 0.4, 0.9] {
      try train.fill(probability: p, from: &stream)
      #expect(abs(train.rate - p) < 6 * (p * (1 - p) / 1e6).squareRoot(), "\(train.rate), not \(p)")
    }
    try train.fill(probability: 0, from: &stream)
    #expect(train.count == 0)
    try train.fill(probability: 1, from: &stream)
    #expect(train.count == 1_000_000)
  }

  private func bits(
    seed: UInt64, stream: UInt64, offset: UInt64, count: Int, _ isa: spindle_isa
  ) -> [UInt32] {
    var random = spindle_random(seed: seed, stream: stream, offset: offset, isa: isa)
    var values = [UInt32](repeating: 0, count: count)
    #expect(unsafe spindle_random_bits(&random, count, &values) == SPINDLE_OK)
    return values
  }
}
