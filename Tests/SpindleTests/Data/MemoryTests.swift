import Testing

@testable import Spindle

/// Sizes that would not fit in memory are refused before anything is allocated.
struct MemoryTests {
  private let huge = 1 << 30

  private func expectMemory(_ what: String, _ body: () throws -> Void) {
    let error = #expect(throws: SpindleError.self, "\(what)") { try body() }
    guard case .outOfMemory? = error else {
      Issue.record("\(what): \(String(describing: error))")
      return
    }
  }

  @Test func encoders() throws {
    let vectors = try Dataset(
      (0..<4096).map { Float($0 % 7) / 7 }, count: 4, steps: 1, units: 1024)
    let encoders: [any InputEncoder] = [
      LatencyEncoder(steps: huge), LatencyEncoder(steps: huge, code: .logarithmic()),
      CurrentEncoder(repeats: huge), RateEncoder(repeats: huge),
      PopulationEncoder(fields: 1 << 20).then(RateEncoder(repeats: 1 << 20)),
      CurrentEncoder(repeats: 1 << 20).then(PopulationEncoder(fields: 1 << 20)),
      CurrentEncoder(repeats: huge).then(DeltaEncoder(threshold: 1)),
    ]
    for encoder in encoders {
      expectMemory("\(encoder)") {
        _ = try EncodedDataset(vectors, encoder: encoder, seed: 0).batch([0])
      }
    }
  }

  @Test func transforms() throws {
    let spikes = try Dataset([Float](repeating: 1, count: 4096), count: 4, steps: 1, units: 1024)
    let signals = try Dataset([Float](repeating: 0.5, count: 4096), count: 4, steps: 1, units: 1024)
    for dataset in [spikes, signals] {
      expectMemory("pad") { _ = try dataset.padded(before: huge - 1) }
      expectMemory("pad by a value") { _ = try dataset.padded(after: huge - 1, with: 0.25) }
      expectMemory("repeat") { _ = try dataset.repeatingSteps(huge) }
    }
    let shared = Targets.shared(
      try Tensor(shape: [2, 1024], values: .init(repeating: 0, count: 2048)))
    let small = try Dataset([0, 1], count: 1, steps: 2, units: 1, targets: shared)
    expectMemory("repeat with targets") { _ = try small.repeatingSteps(huge / 2) }
  }

  /// Events take little, numbers of so many steps and units very much.
  @Test func events() throws {
    let table = try EventTable(samples: [0, 1], times: [0, 3], units: [0, 5])
    var window = EventWindow(timeStep: 1e-3, steps: 1 << 20, units: 1 << 20)
    expectMemory("bits") { _ = try Dataset.binning(table, into: window, count: 1 << 16) }
    window.units = 1 << 11
    let dataset = try Dataset.binning(table, into: window).dataset
    window.units = 1 << 12
    let events = try Dataset.binning(table, into: window).dataset
    #expect(dataset.count == 2 && events.count == 2)
    window.coincidence = .count
    window.units = 1 << 20
    expectMemory("counts") { _ = try Dataset.binning(table, into: window) }
    window.coincidence = .spike
    window.steps = 1 << 22
    window.units = 1 << 10
    let long = try Dataset.binning(table, into: window).dataset
    expectMemory("a batch") { _ = try long.repeatingSteps(1 << 8).batch([0]) }
    window.steps = 1000
    window.units = 6
    window.timeStep = 0.1
    expectMemory("samples") { _ = try Dataset.binning(table, into: window, count: huge) }
  }
}
