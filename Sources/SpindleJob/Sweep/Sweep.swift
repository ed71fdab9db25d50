import Spindle
import SpindleFiles
import SpindleJSON

/// Runs of one configuration in which some keys vary: every combination of their values, or some
/// drawn at random.
///
///     let sweep = try Sweep(parsing: text, varying: [SweepVariation("training.seed=1..40")])
///
/// The last key varies fastest. A run has the same number, and the same bits, in every part of a
/// sweep that is cut into parts.
public struct Sweep: Sendable {
  /// A draw of some combinations, no one twice.
  public struct Sample: Sendable, Equatable {
    /// How many.
    public var count: Int
    /// Of the draw.
    public var seed: UInt64

    /// `count` combinations by a seed.
    public init(count: Int, seed: UInt64) {
      self.count = count
      self.seed = seed
    }
  }

  /// The keys and their values.
  public let variations: [SweepVariation]
  /// All runs, in order.
  public let runs: [SweepRun]
  /// What makes the sweep; another of the same is the same sweep.
  let identity: JSONValue

  /// The most runs.
  static let mostRuns = 1_000_000
  /// The stream of random numbers that draws combinations.
  private static let drawStream: UInt64 = 0x5357_4545_50

  /// Reads a configuration and makes the runs.
  ///
  /// - Parameters:
  ///   - text: the configuration.
  ///   - file: its name in errors.
  ///   - overrides: changes that all runs share.
  ///   - variations: the keys that vary.
  ///   - sample: how many combinations are drawn; nil for all.
  /// - Throws: `JobError.configuration`, also where a combination is no configuration.
  public init(
    parsing text: String, file: String? = nil, overrides: [Override] = [],
    varying variations: [SweepVariation], sample: Sample? = nil
  ) throws(JobError) {
    try Self.check(variations)
    let base = try Self.base(text, file: file, overrides: overrides)
    let total = try Self.count(variations)
    let places = try sample.map { sample throws(JobError) in
      try Self.draw(sample, of: total)
    }
    let width = "\(total)".count
    var runs: [SweepRun] = []
    for place in places ?? Array(0..<total) {
      let changes = Self.combination(place, of: variations)
      runs.append(try SweepRun(number: place + 1, width: width, base: base, changes: changes))
    }
    self.variations = variations
    self.runs = runs
    identity = .object([
      "format": "spindle-sweep-1", "configuration": base,
      "vary": .array(
        variations.map { .object(["key": $0.key.json, "values": .array($0.values)]) }),
      "random": sample.map { .object(["count": $0.count.json, "seed": $0.seed.json]) } ?? .null,
    ])
  }

  /// The runs of one of `count` parts, `part` from 1: every `count`th.
  ///
  /// - Throws: `JobError.configuration`.
  public func shard(_ part: Int, of count: Int) throws(JobError) -> [SweepRun] {
    guard count >= 1, (1...count).contains(part) else {
      throw .configuration("expected PART/PARTS with 1 <= PART <= PARTS, found \(part)/\(count)")
    }
    return stride(from: part - 1, to: runs.count, by: count).map { runs[$0] }
  }

  private static func check(_ variations: [SweepVariation]) throws(JobError) {
    guard !variations.isEmpty else {
      throw .configuration("expected at least one --vary KEY.PATH=VALUES")
    }
    let keys = variations.map(\.key)
    for key in keys {
      if keys.contains(where: { $0 != key && $0.hasPrefix(key + ".") }) || keys.count(of: key) > 1 {
        throw .configuration("expected keys of --vary apart from one another, found \(key) twice")
      }
      // Runs of a sweep are kept in its own folder.
      if ["checkpoint", "report"].contains(where: { key == $0 || key.hasPrefix($0 + ".") }) {
        throw .configuration("a sweep has checkpoints of its own and no reports: found \(key)")
      }
    }
  }

  /// The configuration that all runs share, without what a sweep decides itself.
  private static func base(
    _ text: String, file: String?, overrides: [Override]
  ) throws(JobError) -> JSONValue {
    let configuration = try JobConfiguration(parsing: text, file: file, overrides: overrides)
    guard case .object(var members) = configuration.json else { return configuration.json }
    members["report"] = nil
    members["checkpoint"] = nil
    return .object(members)
  }

  private static func count(_ variations: [SweepVariation]) throws(JobError) -> Int {
    var total = 1
    for variation in variations {
      let (product, overflow) = total.multipliedReportingOverflow(by: variation.values.count)
      guard !overflow, product <= mostRuns else {
        throw .configuration("expected at most \(mostRuns) combinations of the values of --vary")
      }
      total = product
    }
    return total
  }

  private static func combination(_ place: Int, of variations: [SweepVariation]) -> [Override] {
    var rest = place
    var changes: [Override] = []
    for variation in variations.reversed() {
      changes.insert(variation.changes[rest % variation.changes.count], at: 0)
      rest /= variation.changes.count
    }
    return changes
  }

  /// Places of combinations, in order: the first of a random order of all.
  private static func draw(_ sample: Sample, of total: Int) throws(JobError) -> [Int] {
    guard (1...total).contains(sample.count) else {
      throw .configuration("expected --random from 1 to \(total), found \(sample.count)")
    }
    var stream = RandomStream(seed: sample.seed, stream: drawStream)
    let keys = try rethrowing(
      try stream.uniform(low: 0, high: 1, count: total), as: JobError.refused)
    let order = (0..<total).sorted { (keys[$0], $0) < (keys[$1], $1) }
    return order.prefix(sample.count).sorted()
  }
}

extension [String] {
  fileprivate func count(of element: String) -> Int { count { $0 == element } }
}
