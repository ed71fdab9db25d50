import ArgumentParser
import Foundation
import Spindle
import SpindleFiles
import SpindleJob
import SpindleReport

/// FF or RC on the command line.
enum TopologyName: String, CaseIterable, ExpressibleByArgument {
  case rc
  case ff
}

/// `spindle tutorial`.
struct TutorialCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tutorial",
    abstract: "Trains eight recurrent neurons to generate a pattern from noise.",
    discussion: """
      The job of NWAVE's tutorial 5: one input channel of noise (a spike with probability 0.4 at \
      each step, drawn anew each epoch) drives eight recurrent LIF neurons (tau 10 ms, threshold \
      0.1), whose mean firing over the batch learns eight sinusoids shifted in phase. The loss is \
      told every 200 epochs, then errors on new noise and the statistics of the weights. Control-C \
      ends training and keeps what was learned so far.
      """)

  @Option(help: "Epochs, one training step each.")
  var epochs = 2000
  @Option(help: "Seed of the weights and the noise; the same seed gives the same bits.")
  var seed: UInt64 = 11  // A typical one: of seeds 1 to 40 its loss is the 21st.
  @Option(help: "Samples in a batch.")
  var batch = 32
  @Option(help: "Time steps of 1 ms. (default: 100, or as the target file says)")
  var steps: Int?
  @Option(help: "Output neurons. (default: 8, or as the target file says)")
  var neurons: Int?
  @Option(help: "The pattern to learn.")
  var pattern: TargetPattern = .sine
  @Option(
    help: ArgumentHelp(
      "A pattern of your own: probabilities [steps, neurons] in a .npy or .safetensors file.",
      valueName: "file"))
  var target: String?
  @Option(help: "Recurrent (rc) or feed-forward (ff) layers.")
  var topology: TopologyName = .rc
  @Option(
    help: ArgumentHelp(
      "Neurons of layers below the output layer, as in 32,32.", valueName: "sizes"))
  var hidden: String?
  @Option(help: ArgumentHelp("Adam's learning rate.", valueName: "rate"))
  var learningRate: Float = 1e-3
  @Option(help: "The most threads; changes no bit of the results. (default: as many as pay)")
  var threads: Int?
  @Option(help: "Instruction set; changes no bit of the results.")
  var isa: ISA = .automatic
  @Option(
    help: ArgumentHelp(
      "Write report.html and its figures to this folder (drawn by gnuplot).", valueName: "folder"))
  var report: String?
  @Option(
    help: ArgumentHelp(
      "Write all results to this file; the losses without loss of a bit.", valueName: "file"))
  var json: String?
  @Flag(help: "Print nothing but errors.")
  var quiet = false

  func run() throws {
    let job = try makeJob()
    if let report { try TrainingReport.prepare(directory: report) }
    if let json { try Self.checkWritable(json) }
    Interrupt.listen()
    let result = try job.run(quiet: quiet)
    if !quiet { print(result.text) }
    if let json { try AtomicFile.write(try result.json(), to: json) }
    if let report { try write(result, to: report) }
  }

  /// The job that the options describe. What it needs is checked in full before it begins.
  private func makeJob() throws -> TutorialJob {
    guard epochs >= 1 else {
      throw ValidationError("the number of epochs must be at least 1, got \(epochs)")
    }
    let own = try target.map(readTarget)
    let shape = own?.shape ?? [steps ?? 100, neurons ?? 8]
    try Self.checkSize(shape[0], "the number of steps")
    try Self.checkSize(shape[1], "the number of neurons")
    let network = try TutorialJob.network(
      hidden: try hiddenSizes(), neurons: shape[1], isRecurrent: topology == .rc, seed: seed)
    let execution = Execution(threads: threads, isa: isa)
    // Before the pattern, which can be as large.
    _ = try network.plan(batch: batch, steps: shape[0], execution: execution)
    let target =
      try own
      ?? Tensor(shape: shape, values: pattern.values(steps: shape[0], neurons: shape[1]))
    return TutorialJob(
      network: network, target: target, epochs: epochs, batch: batch, seed: seed,
      learningRate: learningRate, execution: execution)
  }

  /// The user's own pattern, which must agree with --steps and --neurons where they are given.
  private func readTarget(_ path: String) throws -> Tensor {
    let tensor = try TargetPattern.read(path)
    for (name, wanted, got) in [
      ("steps", steps, tensor.shape[0]), ("neurons", neurons, tensor.shape[1]),
    ] {
      if let wanted, wanted != got {
        throw ValidationError("--\(name) is \(wanted), but \(path) holds \(got) \(name)")
      }
    }
    return tensor
  }

  private static let maximumSize = 1 << 30

  private static func checkSize(_ size: Int, _ what: String) throws {
    guard (1...maximumSize).contains(size) else {
      throw SpindleError.invalidSize(what: what, got: size, maximum: maximumSize)
    }
  }

  private func hiddenSizes() throws -> [Int] {
    guard let hidden else { return [] }
    return try hidden.split(separator: ",", omittingEmptySubsequences: false).map {
      guard let size = Int($0), size >= 1 else {
        throw ValidationError("--hidden must list sizes of at least 1, as in 32,32, got \(hidden)")
      }
      return size
    }
  }

  /// Fails before training rather than after it. Permission bits would not tell: the superuser
  /// ignores them, and a read-only disk does too.
  private static func checkWritable(_ path: String) throws {
    let file = URL(fileURLWithPath: path)
    guard !file.hasDirectoryPath else {
      throw ValidationError("cannot write \(path): it is a folder")
    }
    let folder = file.deletingLastPathComponent()
    let probe = folder.appendingPathComponent(".spindle-probe-\(UUID().uuidString)")
    do {
      try Data().write(to: probe)
      try FileManager.default.removeItem(at: probe)
    } catch {
      throw ValidationError(
        "cannot write \(path): no file can be made in \(folder.path)")
    }
  }

  private func write(_ result: TutorialResult, to folder: String) throws {
    let outcome = try result.report(published: isPublishedJob).write(to: folder)
    if !quiet { print("report: \(folder)/report.html") }
    if let advice = outcome.figures.advice { StandardError.print(advice) }
  }

  /// Whether the options are those that the published figures belong to.
  private var isPublishedJob: Bool {
    epochs == 2000 && batch == 32 && steps ?? 100 == 100 && neurons ?? 8 == 8 && pattern == .sine
      && target == nil && topology == .rc && hidden == nil && learningRate == 1e-3
  }
}
