import SpindleJSON

/// How a figure is spread over runs.
public struct Spread: Sendable, Equatable {
  /// Runs.
  public let count: Int
  /// Their mean.
  public let mean: Double
  /// The standard deviation of a sample; 0 for one run.
  public let deviation: Double
  /// The smallest, the median and the largest.
  public let minimum: Double, median: Double, maximum: Double

  /// Nil of no values.
  init?(_ values: [Double]) {
    let sorted = values.sorted()
    guard let first = sorted.first, let last = sorted.last else { return nil }
    let mean = sorted.reduce(0, +) / Double(sorted.count)
    let squares = sorted.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    count = sorted.count
    self.mean = mean
    deviation = count > 1 ? (squares / Double(count - 1)).squareRoot() : 0
    minimum = first
    maximum = last
    let middle = sorted.count / 2
    median = count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  var json: JSONValue {
    .object([
      "count": count.json, "mean": mean.json, "standard_deviation": deviation.json,
      "minimum": minimum.json, "median": median.json, "maximum": maximum.json,
    ])
  }

  var text: String {
    "mean \(Words.number(mean)), deviation \(Words.number(deviation)), "
      + "median \(Words.number(median)), \(Words.number(minimum)) to \(Words.number(maximum))"
  }
}

/// What the runs of a sweep give together.
public struct SweepSummary: Sendable {
  /// A value of a key, with all runs that have it.
  public struct Group: Sendable {
    /// The key's value.
    public let value: JSONValue
    /// Of the metric, over the other keys.
    public let spread: Spread
  }

  /// A key that varies, with its values, the best mean first.
  public struct Key: Sendable {
    /// The key's path.
    public let key: String
    /// At least one.
    public let groups: [Group]
  }

  /// What runs are compared by.
  public let metric: SweepMetric
  /// Runs of the sweep; those that ended well; those that failed.
  public let total: Int, finished: Int, failed: Int
  /// Of every figure that the runs have.
  public let spreads: [(metric: SweepMetric, spread: Spread)]
  /// The best run and its value; nil where no run has the metric.
  public let best: (run: SweepRun, value: Double)?
  /// Of the metric, by each key.
  public let keys: [Key]

  /// Sums up results.
  ///
  /// - Parameters:
  ///   - sweep: whose.
  ///   - results: of the runs that have ended.
  ///   - metric: what they are compared by; nil for accuracy where runs have it, else the loss.
  public init(
    of sweep: Sweep, _ results: [(run: SweepRun, result: SweepResult)],
    by metric: SweepMetric? = nil
  ) {
    let good = results.filter { $0.result.failure == nil }
    let metric =
      metric ?? (good.contains { $0.result.metrics[.accuracy] != nil } ? .accuracy : .loss)
    self.metric = metric
    total = sweep.runs.count
    finished = good.count
    failed = results.count - good.count
    spreads = SweepMetric.allCases.compactMap { metric in
      Spread(good.compactMap { $0.result.metrics[metric] }).map { (metric, $0) }
    }
    let measured = good.compactMap { run, result in
      result.metrics[metric].map { (run: run, value: $0) }
    }
    best = measured.min { Self.isBetter($0.value, $1.value, metric) }
    keys = sweep.variations.enumerated().compactMap { place, variation in
      let groups = variation.values.compactMap { value in
        Spread(measured.filter { $0.run.values[place] == value }.map(\.value)).map {
          Group(value: value, spread: $0)
        }
      }
      guard !groups.isEmpty else { return nil }
      return Key(
        key: variation.key,
        groups: groups.sorted { Self.isBetter($0.spread.mean, $1.spread.mean, metric) })
    }
  }

  private static func isBetter(_ one: Double, _ other: Double, _ metric: SweepMetric) -> Bool {
    metric.isLargerBetter ? one > other : one < other
  }
}

extension SweepSummary {
  /// Values of a key above which only the best are printed.
  private static let mostPrinted = 10

  /// Lines for people.
  public var text: String {
    var lines = [
      "\(finished) of \(total) runs finished" + (failed > 0 ? ", \(failed) failed" : "")
    ]
    lines += spreads.map { "\($0.metric.rawValue): \($0.spread.text)" }
    for key in keys where key.groups.count > 1 {
      lines.append("\(metric.rawValue) by \(key.key), the best mean first:")
      lines += key.groups.prefix(Self.mostPrinted).map { group in
        "  \(group.value.text): \(group.spread.text), \(group.spread.count) runs"
      }
    }
    if let best {
      lines.append("best \(metric.rawValue): \(Words.number(best.value)), run \(best.run.name)")
    }
    return lines.joined(separator: "\n")
  }

  /// Everything, for programs.
  public var json: JSONValue {
    var members: [String: JSONValue] = [
      "metric": metric.rawValue.json, "runs": total.json, "finished": finished.json,
      "failed": failed.json,
      "spreads": .object(
        Dictionary(uniqueKeysWithValues: spreads.map { ($0.metric.rawValue, $0.spread.json) })),
      "keys": .array(
        keys.map { key in
          .object([
            "key": key.key.json,
            "values": .array(
              key.groups.map { .object(["value": $0.value, "spread": $0.spread.json]) }),
          ])
        }),
    ]
    members["best"] = best.map { .object(["run": $0.run.name.json, "value": $0.value.json]) }
    return .object(members)
  }
}
