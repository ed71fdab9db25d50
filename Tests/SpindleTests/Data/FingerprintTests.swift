import Testing

@testable import Spindle

/// Other samples or targets have another fingerprint, however they are kept.
@Suite("Fingerprints") struct FingerprintTests {
  private static func dataset(
    _ values: [Float], units: Int = 3, labels: [Int32] = [0, 1]
  ) throws -> Dataset {
    try Dataset(
      values, count: 2, steps: values.count / 2 / units, units: units,
      targets: .classes(ClassLabels(labels, classCount: 2)))
  }

  @Test func everythingCounts() throws {
    let spikes: [Float] = [1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0]
    let signals = spikes.map { $0 / 2 }
    let swapped = Array(spikes[6...] + spikes[..<6])
    let all = [
      try Self.dataset(spikes), try Self.dataset(swapped), try Self.dataset(signals),
      try Self.dataset(spikes, units: 2), try Self.dataset(spikes, units: 6),
      try Self.dataset(spikes, labels: [1, 0]), try Self.dataset(spikes).with(targets: .none),
      try Self.dataset(spikes).with(targets: .values(Tensor(shape: [2, 1], values: [0.5, 1]))),
      try Self.dataset(spikes).with(targets: .values(Tensor(shape: [2, 1], values: [1, 0.5]))),
    ].map(\.fingerprint)
    #expect(Set(all).count == all.count)
    #expect(all.allSatisfy { $0.utf8.count == 16 })
    #expect(try Self.dataset(spikes).fingerprint == all[0])
  }

  @Test func theFormDoesNot() throws {
    var builder = try SamplesBuilder(count: 2, steps: 2, units: 40)
    var dense = [Float](repeating: 0, count: 2 * 2 * 40)
    for place in [0, 39, 40, 79] { dense[place] = 1 }
    try builder.append(places: [0, 39, 40, 79] as [UInt64])
    try builder.append(places: [] as [UInt64])
    let made = try Dataset(builder.finish(), count: 2, steps: 2, units: 40, targets: .none)
    var words = [UInt32](repeating: 0, count: 2 * 2 * 2)
    (words[0], words[1], words[2], words[3]) = (1, 1 << 7, 1, 1 << 7)
    let bits = try Dataset(.spikes(words), count: 2, steps: 2, units: 40, targets: .none)
    let read = try Dataset(dense, count: 2, steps: 2, units: 40)
    #expect(made.fingerprint == read.fingerprint)
    #expect(bits.fingerprint == read.fingerprint)
  }
}
