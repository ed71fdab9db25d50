import Dispatch
import Foundation
import Spindle
import SpindleJob
import Synchronization

/// Trains the runs of a sweep, several at once, and shows how far they are.
final class SweepWorkers: Sendable {
  private let folder: SweepFolder
  private let runs: [SweepRun]
  private let jobs: Int
  private let isQuiet: Bool
  private let state: Mutex<State>

  /// Seconds after which a run that another process is at is looked at again.
  private static let patience = 1.0

  private struct State {
    var next: Int
    /// Runs that another process was at.
    var waiting: [SweepRun] = []
    var done: Int
    var failed = 0
    var epochs = 0
    /// The first error that ended the sweep.
    var error: JobError?
    var progress: Progress?
  }

  /// - Parameters:
  ///   - folder: the sweep's.
  ///   - runs: those to train.
  ///   - done: runs of this part that had ended before.
  ///   - jobs: runs at once; nil for as many as processors.
  ///   - isQuiet: whether nothing is shown.
  init(
    folder: SweepFolder, runs: [SweepRun], done: Int, jobs: Int?, isQuiet: Bool
  ) throws(JobError) {
    try Self.check(jobs)
    self.folder = folder
    self.runs = runs
    self.jobs = min(jobs ?? Execution.defaultThreads, max(runs.count, 1))
    self.isQuiet = isQuiet
    state = Mutex(State(next: 0, done: done))
  }

  /// Refuses numbers of runs at once that there are no processors for.
  static func check(_ jobs: Int?) throws(JobError) {
    let most = Execution.defaultThreads
    guard let jobs, !(1...most).contains(jobs) else { return }
    throw .configuration("expected --jobs from 1 to \(most), the processors, found \(jobs)")
  }

  /// Runs that have not ended.
  var left: Int { state.withLock { state in runs.count - state.next + state.waiting.count } }

  /// Trains all runs, or those before an interrupt or an error.
  func train() throws(JobError) {
    if !isQuiet {
      StandardError.print(
        "\(runs.count) runs to train, \(state.withLock { $0.done }) done before; \(jobs) at once")
    }
    let epochs = runs.reduce(0) { $0 + $1.configuration.epochs }
    if !isQuiet { state.withLock { $0.progress = Progress(total: epochs, unit: "epoch") } }
    // Each takes a thread of its own for as long as it works.
    DispatchQueue.concurrentPerform(iterations: jobs) { [self] _ in work() }
    let error = state.withLock { state in
      state.progress?.finish()
      return state.error
    }
    if let error { throw error }
  }

  private func work() {
    while !Interrupt.isRequested, let run = take() {
      do throws(JobError) {
        let outcome = try folder.train(run, threads: threads, events: events())
        finish(run, outcome)
      } catch {
        state.withLock { $0.error = $0.error ?? error }
      }
    }
  }

  /// Threads of a run: what the others leave.
  private var threads: Int { max(1, Execution.defaultThreads / jobs) }

  /// The next run; where only such are left that another process is at, one of them after a while.
  private func take() -> SweepRun? {
    let (run, isLate) = state.withLock { state -> (SweepRun?, Bool) in
      guard state.error == nil else { return (nil, false) }
      if state.next < runs.count {
        state.next += 1
        return (runs[state.next - 1], false)
      }
      return (state.waiting.isEmpty ? nil : state.waiting.removeFirst(), true)
    }
    if run != nil, isLate { Thread.sleep(forTimeInterval: Self.patience) }
    return run
  }

  private func finish(_ run: SweepRun, _ outcome: SweepOutcome) {
    state.withLock { state in
      switch outcome {
      case .finished: state.done += 1
      case .failed:
        state.done += 1
        state.failed += 1
      case .stopped, .busy: state.waiting.append(run)
      }
    }
  }

  private func events() -> FitEvents {
    FitEvents(
      epoch: { [self] _, _ in
        state.withLock { state in
          state.epochs += 1
          let (done, failed) = (state.done, state.failed)
          state.progress?.update(
            state.epochs, detail: "\(done) runs done" + (failed > 0 ? ", \(failed) failed" : ""))
        }
        return .goOn
      }, shouldStop: { Interrupt.isRequested })
  }
}
