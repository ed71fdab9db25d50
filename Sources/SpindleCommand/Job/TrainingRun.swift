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

  /// Trains, saves, reports and tells.
  func train(
    _ configuration: JobConfiguration, resuming checkpoint: Checkpoint? = nil,
    at path: String? = nil
  ) throws {
    let job = try Job(configuration)
    let folder = configuration.reportFolder
    if let folder { try Self.prepare(folder) }
    if !options.quiet {
      for notice in job.notices { StandardError.print("warning: \(notice)") }
      StandardError.print(Self.head(job))
    }
    Interrupt.listen()
    let monitor = TrainingMonitor(
      epochs: job.epochs, first: checkpoint?.epoch ?? 0, isQuiet: options.quiet)
    let result = try job.train(
      resuming: checkpoint, checkpointPath: path, events: monitor.events)
    monitor.finish()
    if options.json {
      print(result.json.prettyText)
    } else if !options.quiet {
      print(result.text)
    }
    if let folder {
      try Self.write(try result.report(title: title), to: folder, isQuiet: options.quiet)
    }
    if result.isDiverged { throw JobError.failed(result.ending ?? "training diverged") }
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

  /// Writes a report and tells where it is, and why it has no figures where it has none.
  static func write(
    _ report: TrainingReport, to folder: String, isQuiet: Bool
  ) throws(JobError) {
    let outcome = try rethrowing(try report.write(to: folder)) { (error: ReportError) in
      JobError.failed(error.description)
    }
    guard !isQuiet else { return }
    StandardError.print("report: \(folder)/report.html")
    if let advice = outcome.figures.advice { StandardError.print(advice) }
  }
}

/// Tells on standard error how training goes.
private final class TrainingMonitor {
  private let epochs: Int
  private let first: Int
  private let isQuiet: Bool
  /// Epochs between two lines: of very many, a hundred are told of.
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
