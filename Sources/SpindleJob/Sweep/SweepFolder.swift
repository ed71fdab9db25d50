import Foundation
import Spindle
import SpindleFiles
import SpindleJSON

/// The folder of a sweep: `sweep.json` says which, `runs/NAME/` has each run's checkpoint and, once
/// it ended, its `result.json`.
public struct SweepFolder: Sendable {
  /// Its path.
  public let path: String
  private let sweep: Sweep

  /// The file that says which sweep it is.
  private static let identityName = "sweep.json"

  /// Makes the folder, or takes one that the same sweep made before.
  ///
  /// - Throws: `JobError.configuration` where it holds something else or cannot be written.
  public init(_ path: String, for sweep: Sweep) throws(JobError) {
    self.path = path
    self.sweep = sweep
    try Self.make(path + "/runs")
    let place = path + "/" + Self.identityName
    if byteCount(of: place) == nil { try Self.write(sweep.identity, to: place) }
    let known = try Self.read(place)
    if let difference = sweep.identity.differences(from: known, here: "asked for").first {
      throw .configuration(
        "\(path) holds another sweep (\(difference)); give this one a folder of its own")
    }
  }

  /// What a run left; nil where it has not ended.
  ///
  /// - Throws: `JobError.configuration` where the file is damaged.
  public func result(of run: SweepRun) throws(JobError) -> SweepResult? {
    let place = resultPath(run)
    guard byteCount(of: place) != nil else { return nil }
    let value = DescriptionValue(try Self.read(place), root: place)
    return try rethrowing(try SweepResult(value)) { (error: DescriptionError) in
      JobError.configuration(error.description)
    }
  }

  /// The results of all runs that have ended, of this part of the sweep or another.
  ///
  /// - Throws: `JobError.configuration` where one is damaged.
  public func results() throws(JobError) -> [(run: SweepRun, result: SweepResult)] {
    var results: [(SweepRun, SweepResult)] = []
    for run in sweep.runs {
      if let result = try result(of: run) { results.append((run, result)) }
    }
    return results
  }

  /// Where a run is saved.
  public func checkpointPath(_ run: SweepRun) -> String {
    folder(run) + "/run.safetensors"
  }

  /// Trains a run, or goes on with what its checkpoint holds, to the end; its result is then kept.
  ///
  /// - Parameters:
  ///   - run: one of the sweep's.
  ///   - threads: of its steps, where its configuration does not say.
  ///   - events: what is called while it trains.
  /// - Throws: `JobError` where nothing can be written.
  public func train(
    _ run: SweepRun, threads: Int, events: FitEvents = .init()
  ) throws(JobError) -> SweepOutcome {
    try Self.make(folder(run))
    let checkpoint = checkpointPath(run)
    let lock = try Self.writing(checkpoint) { () throws(FileError) in
      try FileLock.take(for: checkpoint)
    }
    guard let lock else { return .busy }
    defer { withExtendedLifetime(lock) {} }
    do throws(JobError) {
      let result = try trained(run, threads: threads, at: checkpoint, events)
      if result.fit.outcome == .stopped { return .stopped }
      let kept = SweepResult(result)
      try Self.write(kept.json, to: resultPath(run))
      return kept.failure.map { .failed($0) } ?? .finished
    } catch {
      try Self.write(SweepResult(failure: error.description).json, to: resultPath(run))
      return .failed(error.description)
    }
  }

  /// Forgets how a run failed, so that it is tried again.
  public func forget(_ run: SweepRun) {
    try? FileManager.default.removeItem(atPath: resultPath(run))
  }

  private func trained(
    _ run: SweepRun, threads: Int, at checkpoint: String, _ events: FitEvents
  ) throws(JobError) -> JobResult {
    var configuration = run.configuration
    if configuration.execution.threads == nil {
      configuration = try configuration.changed(by: [
        Override(path: ["execution", "threads"], value: .number(Double(threads)))
      ])
    }
    let job = try Job(configuration)
    var saved: Checkpoint?
    if byteCount(of: checkpoint) != nil {
      let found = try rethrowing(
        try Checkpoint(contentsOf: checkpoint), as: JobError.refused)
      if let difference = job.difference(from: found) { throw .configuration(difference) }
      saved = found
    }
    return try job.train(resuming: saved, checkpointPath: checkpoint, events: events)
  }

  private func folder(_ run: SweepRun) -> String { "\(path)/runs/\(run.name)" }
  private func resultPath(_ run: SweepRun) -> String { folder(run) + "/result.json" }
}

extension SweepFolder {
  private static func make(_ folder: String) throws(JobError) {
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw .configuration("cannot make the folder \(folder): \(error.localizedDescription)")
    }
  }

  private static func read(_ path: String) throws(JobError) -> JSONValue {
    let bytes = try rethrowing(try readFile(path)) { (error: FileError) in
      JobError.configuration("cannot read \(path): cannot \(error.step): \(error.reason)")
    }
    let text = String(decoding: bytes, as: UTF8.self)
    return try rethrowing(try JSONValue(parsing: text, source: path)) { (error: JSONError) in
      JobError.configuration(error.description)
    }
  }

  /// Writes a file aside and renames it.
  static func write(_ value: JSONValue, to path: String) throws(JobError) {
    try write(value.prettyText + "\n", to: path)
  }

  /// Writes a file aside and renames it.
  static func write(_ text: String, to path: String) throws(JobError) {
    try writing(path) { () throws(FileError) in try AtomicFile.write(text, to: path) }
  }

  private static func writing<Result>(
    _ path: String, _ body: () throws(FileError) -> Result
  ) throws(JobError) -> Result {
    do throws(FileError) {
      return try body()
    } catch {
      throw .failed("cannot write \(path): cannot \(error.step): \(error.reason)")
    }
  }
}
