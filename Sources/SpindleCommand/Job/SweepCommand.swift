import ArgumentParser
import Foundation
import Spindle
import SpindleJob

extension SweepMetric: ExpressibleByArgument {}

/// `spindle sweep`.
struct SweepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Trains a configuration with many values of its keys, several runs at once.",
    discussion: """
      --vary training.seed=1..40 --vary optimizer.learning_rate=1e-3,3e-3 trains 80 runs: every \
      combination of the values. FIRST..LAST stands for integers; other values are read as those of \
      --set. --random 50 draws 50 of the combinations, the same ones every time.

      Each run has the bits that spindle train gives its configuration. Runs stand in the folder's \
      runs/NUMBER, each with its checkpoint and result; the same command goes on where an earlier \
      one was stopped or killed, and trains what is left. Runs that failed are kept and listed; \
      --retry trains them again.

      --shard 2/8 trains every eighth run, from the second on: give each of eight machines a shard \
      and one folder for all, or gather what is in their folders' runs. What is in the folder when \
      the command ends goes into table.csv, table.json and, drawn by gnuplot, sweep.svg and \
      sweep.png.

      By default there are as many runs at once as processors, of one thread each: that is the \
      fastest for small networks. Large ones that do not fit in memory together want --jobs 1.

      Exit status: 0 all runs ended well, 1 some failed or the sweep was stopped, 2 bad input.
      """)

  @Argument(help: ArgumentHelp("The configuration.", valueName: "config.json"))
  var file: String

  @Option(
    help: ArgumentHelp(
      "A key and its values; may be given several times.", valueName: "key.path=values"))
  var vary: [String] = []

  @Option(name: [.customShort("o"), .customLong("output")], help: "The folder of the sweep.")
  var folder: String

  @Option(help: "Runs at once, up to the processors. (default: as many as processors)")
  var jobs: Int?

  @Option(
    help: ArgumentHelp("Train one part of the runs, as in 2/8.", valueName: "part/parts"))
  var shard: String?

  @Option(help: "Draw so many of the combinations.")
  var random: Int?

  @Option(help: "Of the draw.")
  var randomSeed: UInt64 = 0

  @Option(help: "What runs are compared by. (default: accuracy, else loss)")
  var by: SweepMetric?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("Change a key for all runs.", valueName: "key.path=value"))
  var changes: [String] = []

  @Flag(help: "Train runs that failed again.")
  var retry = false

  @Flag(help: "Print nothing but errors and, with --json, the table.")
  var quiet = false

  @Flag(help: "Print one JSON document instead of lines.")
  var json = false

  func run() throws {
    try exiting { try start() }
  }

  private func start() throws {
    let sweep = try read()
    let runs = try part(of: sweep)
    try SweepWorkers.check(jobs)
    let folder = try SweepFolder(folder, for: sweep)
    Interrupt.listen()
    let left = try runs.filter { run throws(JobError) in
      guard let result = try folder.result(of: run) else { return true }
      if retry, result.failure != nil { folder.forget(run) }
      return retry && result.failure != nil
    }
    // What does not fit is found before the runs begin.
    if let first = left.first { _ = try Job(first.configuration) }
    let workers = try SweepWorkers(
      folder: folder, runs: left, done: runs.count - left.count, jobs: jobs, isQuiet: quiet)
    try workers.train()
    try tell(of: sweep, in: folder, isWhole: workers.left == 0)
  }

  private func read() throws(JobError) -> Sweep {
    var variations: [SweepVariation] = []
    for text in vary { variations.append(try SweepVariation(text)) }
    var overrides: [Override] = []
    for change in changes { overrides.append(try Override(change)) }
    return try Sweep(
      parsing: try readText(file), file: file, overrides: overrides, varying: variations,
      sample: random.map { .init(count: $0, seed: randomSeed) })
  }

  private func part(of sweep: Sweep) throws(JobError) -> [SweepRun] {
    guard let shard else { return sweep.runs }
    let numbers = shard.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count == 2, let part = numbers[0], let count = numbers[1] else {
      throw .configuration("expected PART/PARTS for --shard, as in 2/8, found \"\(shard)\"")
    }
    return try sweep.shard(part, of: count)
  }

  private func tell(of sweep: Sweep, in folder: SweepFolder, isWhole: Bool) throws {
    let results = try folder.results()
    let table = SweepTable(of: sweep, results, by: by)
    // An interrupt that ended the runs is done with; another one ends the drawing.
    Interrupt.listen()
    let advice = try table.write(to: folder, shouldStop: { Interrupt.isRequested })
    if let advice { StandardError.print(advice) }
    for (run, result) in results {
      if let failure = result.failure { StandardError.print("run \(run.name) failed: \(failure)") }
    }
    if json {
      try StandardOutput.print(table.json.prettyText)
    } else if !quiet {
      try StandardOutput.print(table.summary.text + "\ntable: \(folder.path)/table.csv")
    }
    guard isWhole else {
      throw JobError.failed("the sweep was stopped; the same command goes on with it")
    }
    if table.summary.failed > 0 {
      throw JobError.failed("\(table.summary.failed) runs failed")
    }
  }
}
