import SpindleFiles
import SpindleJSON
import SpindleReport

/// The files that a sweep leaves beside its runs.
public struct SweepTable: Sendable {
  private let sweep: Sweep
  private let results: [(run: SweepRun, result: SweepResult)]
  /// What they give together.
  public let summary: SweepSummary

  /// A table of the runs that have ended.
  public init(
    of sweep: Sweep, _ results: [(run: SweepRun, result: SweepResult)],
    by metric: SweepMetric? = nil
  ) {
    self.sweep = sweep
    self.results = results
    summary = SweepSummary(of: sweep, results, by: metric)
  }

  /// Writes `table.csv`, `table.json` and, drawn by gnuplot, `sweep.svg` and `sweep.png` into the
  /// sweep's folder; what is wrong with the figure, where it could not be drawn.
  ///
  /// - Throws: `JobError.failed`.
  public func write(
    to folder: SweepFolder, shouldStop: () -> Bool = { false }
  ) throws(JobError) -> String? {
    try SweepFolder.write(csv, to: folder.path + "/table.csv")
    try SweepFolder.write(json, to: folder.path + "/table.json")
    let panels = panels
    guard !panels.isEmpty else { return nil }
    return try rethrowing(
      try SweepFigure(metric: summary.metric.rawValue, panels: panels).write(
        to: folder.path, shouldStop: shouldStop
      ).advice
    ) { (error: ReportError) in JobError.failed(error.description) }
  }

  /// One line a run: its number, the keys that vary, how it ended and its figures.
  var csv: String {
    let names =
      ["run"] + sweep.variations.map(\.key) + ["failure", "epochs", "seconds"]
      + SweepMetric.allCases.map(\.rawValue)
    let rows = results.map { run, result in
      [run.name] + run.values.map(Self.cell)
        + [result.failure ?? "", "\(result.epochs)", "\(result.seconds)"]
        + SweepMetric.allCases.map { result.metrics[$0]?.description ?? "" }
    }
    return ([names] + rows).map { $0.map(csvField).joined(separator: ",") + "\n" }.joined()
  }

  /// The summary and all runs.
  public var json: JSONValue {
    let rows = results.map { run, result -> JSONValue in
      .object([
        "run": run.name.json,
        "values": .object(
          Dictionary(uniqueKeysWithValues: zip(sweep.variations.map(\.key), run.values))),
        "result": result.json,
      ])
    }
    return .object(["summary": summary.json, "runs": .array(rows)])
  }

  /// For each key the metric of all runs, by the key's values in the order they were given.
  private var panels: [SweepFigure.Panel] {
    sweep.variations.enumerated().compactMap { place, variation in
      let groups = variation.values.map { value in
        (
          label: Self.cell(value),
          values: results.filter { $0.run.values[place] == value && $0.result.failure == nil }
            .compactMap { $0.result.metrics[summary.metric] }
        )
      }
      guard groups.contains(where: { !$0.values.isEmpty }) else { return nil }
      return SweepFigure.Panel(key: variation.key, groups: groups)
    }
  }

  /// A text without the quotes that JSON gives it.
  private static func cell(_ value: JSONValue) -> String {
    if case .string(let text) = value { text } else { value.text }
  }
}
