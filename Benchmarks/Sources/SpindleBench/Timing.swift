/// Durations of repeated runs.
struct Timing {
  private(set) var seconds: [Double] = []

  /// The middle duration.
  var median: Double {
    let sorted = seconds.sorted()
    let middle = sorted.count / 2
    guard !sorted.isEmpty else { return .nan }
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
  var runs: Int { seconds.count }

  mutating func append(_ duration: Duration) { seconds.append(duration.inSeconds) }

  /// Runs `body` once to warm up, then for at least `atLeast` seconds and 3 times, each run timed
  /// by the monotonic clock. `body` is given the number of the run. Of several ranks all take as many
  /// runs as the first.
  init(atLeast: Double, ranks: Ranks = .alone, _ body: (Int) throws -> Void) throws {
    let clock = ContinuousClock()
    try body(0)
    let end = clock.now + .seconds(atLeast)
    while try ranks.first(clock.now < end || seconds.count < 3) {
      let run = seconds.count + 1
      append(try clock.measure { try body(run) })
    }
  }

  /// The same for a body that suspends.
  init(atLeast: Double, _ body: (Int) async throws -> Void) async rethrows {
    let clock = ContinuousClock()
    try await body(0)
    let end = clock.now + .seconds(atLeast)
    while clock.now < end || seconds.count < 3 {
      let start = clock.now
      try await body(seconds.count + 1)
      append(clock.now - start)
    }
  }

  /// No run so far.
  init() {}
}

extension Duration {
  var inSeconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
