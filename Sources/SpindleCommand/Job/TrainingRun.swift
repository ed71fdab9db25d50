import ArgumentParser
import Foundation
import Spindle
import SpindleFiles
import SpindleJob
import SpindleReport

/// A run of `spindle train` or `spindle resume`, from its configuration to what is printed.
struct TrainingRun {
  /// Of the report.
  let title: String
  let options: RunOptions
  /// The processes that train together, of which the first prints and writes.
  let ranks: Ranks

  private var isQuiet: Bool { options.quiet || !ranks.isFirst }

  /// Trains, saves, reports and prints.
  ///
  /// - Parameters:
  ///   - configuration: of the run.
  ///   - reportFolder: where a report is written; nil for none.
  ///   - checkpoint: a run to go on with, which was read from `path`.
  ///   - path: where the run is saved; nil for where the configuration says.
  ///   - onOtherData: whether it may go on with samples other than it began with.
  func train(
    _ configuration: JobConfiguration, reportFolder: String?,
    resuming checkpoint: Checkpoint? = nil, at path: String? = nil, onOtherData: Bool = false
  ) throws {
    if ranks.isFirst, let place = path ?? configuration.checkpointPath { try checkWritable(place) }
    let job = try Self.job(configuration, isQuiet: isQuiet, ranks: ranks)
    if let checkpoint, let difference = job.difference(from: checkpoint), !onOtherData {
      throw JobError.configuration("\(difference); --other-data goes on with them")
    }
    if ranks.isFirst {
      if let reportFolder { try Self.prepare(reportFolder) }
      // Also of a quiet run: events that were dropped or a line that was taken for a header are lost.
      for notice in job.notices { StandardError.print("warning: \(notice)") }
    }
    if !isQuiet { StandardError.print(Self.head(job) + ranks.words) }
    Interrupt.listen(isLaunched: ranks.communicator != nil)
    let training = TrainingMonitor(
      epochs: job.epochs, first: checkpoint?.epoch ?? 0, isQuiet: isQuiet)
    let result = try job.train(
      resuming: checkpoint, checkpointPath: path, events: training.events)
    training.finish()
    if ranks.isFirst { try tell(of: result, reportFolder) }
  }

  /// Writes the report and prints the results.
  private func tell(of result: JobResult, _ reportFolder: String?) throws {
    // Before what is printed: a reader that went away must not cost the report.
    if let reportFolder {
      try Self.write(
        try result.report(title: title), to: reportFolder, isQuiet: options.quiet)
    }
    if options.json {
      try StandardOutput.print(result.json.prettyText)
    } else if !options.quiet {
      try StandardOutput.print(result.text)
    }
    if result.isDiverged { throw JobError.failed(result.ending ?? "training diverged") }
  }

  /// A job, telling what is prepared and how far its events are read.
  static func job(
    _ configuration: JobConfiguration, isQuiet: Bool, ranks: Ranks = .alone
  ) throws(JobError) -> Job {
    let monitor = PreparationMonitor(isQuiet: isQuiet)
    var progress: Progress?
    defer {
      monitor.finish()
      progress?.finish()
    }
    return try Job(
      configuration, communicator: ranks.communicator, begins: monitor.begin
    ) { done, all in
      guard !isQuiet else { return }
      // Another file has a progress of its own.
      if done == 1 || progress == nil {
        progress?.finish()
        progress = Progress(total: all, unit: "sample")
      }
      progress?.update(done, detail: "reading events")
    }
  }

  private static func head(_ job: Job) -> String {
    let shape = job.shape
    return "\(job.sampleCount) samples of \(shape.steps) steps and \(shape.inputs) inputs, "
      + "\(shape.outputs) outputs, \(job.learnedCount) parameters to learn"
  }

  /// Refuses a report's folder that cannot be made or written to.
  static func prepare(_ folder: String) throws(JobError) {
    try rethrowing(try TrainingReport.prepare(directory: folder)) { (error: ReportError) in
      JobError.configuration(error.description)
    }
  }

  /// Writes a report and prints where it is, and why it has no figures where it has none.
  static func write(
    _ report: TrainingReport, to folder: String, isQuiet: Bool
  ) throws(JobError) {
    // An interrupt that ended training is done with; another one ends the drawing.
    Interrupt.listen()
    let outcome = try rethrowing(
      try report.write(to: folder, shouldStop: { Interrupt.isRequested })
    ) { (error: ReportError) in
      JobError.failed(error.description)
    }
    if !isQuiet { StandardError.print("report: \(folder)/report.html") }
    if let advice = outcome.figures.advice { StandardError.print(advice) }
  }
}

/// Tells on standard error how training goes.
private final class TrainingMonitor {
  private let epochs: Int
  private let first: Int
  private let isQuiet: Bool
  /// Epochs between two lines: of very many, a hundred are printed.
  private let interval: Int
  private var progress: Progress?

  init(epochs: Int, first: Int, isQuiet: Bool) {
    self.epochs = epochs
    self.first = first
    self.isQuiet = isQuiet
    interval = epochs <= 200 ? 1 : (epochs + 99) / 100
  }

  var events: FitEvents {
    FitEvents(
      batch: { [self] in tell($0) },
      epoch: { [self] record, warnings in
        tell(record, warnings)
        return .goOn
      }, shouldStop: { Interrupt.isRequested })
  }

  func finish() { progress?.finish() }

  private func tell(_ batch: BatchProgress) {
    guard !isQuiet else { return }
    let done = (batch.epoch - 1) * batch.batches + batch.batch
    if progress == nil {
      progress = Progress(
        total: batch.epochs * batch.batches, unit: "step", first: first * batch.batches)
    }
    progress?.update(done, detail: "epoch \(batch.epoch), loss \(batch.loss)")
  }

  private func tell(_ record: EpochRecord, _ warnings: [TrainingWarning]) {
    guard !isQuiet else { return }
    let isDue =
      record.epoch % interval == 0 || record.epoch == epochs || record.epoch == first + 1
    guard isDue || !warnings.isEmpty else { return }
    progress?.finish()
    if isDue { StandardError.print(record.line(of: epochs)) }
    for warning in warnings { StandardError.print("warning: \(warning)") }
  }
}
