import ArgumentParser
import Spindle
import SpindleFiles
import SpindleJSON
import SpindleJob

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
      printed every 200 epochs, then errors on new noise and the statistics of the weights. \
      Control-C ends training and keeps what was learned so far.

      Exit status: 0 trained, 1 training or writing failed, 2 bad input.
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
    try exiting {
      let job = try PatternRun(try makeConfiguration())
      if let report { try TrainingRun.prepare(report) }
      if let json { try checkWritable(json) }
      let result = TutorialResult(job, try train(job))
      if let json {
        try rethrowing(try AtomicFile.write(result.json.prettyText + "\n", to: json)) {
          (error: FileError) in
          JobError.failed(error.description)
        }
      }
      if let report {
        try TrainingRun.write(
          result.report(published: isPublishedJob), to: report, isQuiet: quiet)
      }
      if !quiet { try StandardOutput.print(result.text) }
    }
  }

  /// Ends early, with what was learned, on SIGINT, but not before the first epoch, without which
  /// there is nothing to tell.
  private func train(_ job: PatternRun) throws -> PatternResult {
    Interrupt.listen()
    var progress = Progress(total: job.epochs, unit: "epoch")
    var failure: OutputError?
    let result = try job.train { epoch, loss in
      if !quiet {
        progress.update(epoch, detail: "loss \(loss)")
        if epoch % Self.printInterval == 0 {
          progress.finish()
          do throws(OutputError) {
            try StandardOutput.print(TutorialResult.line(epoch, loss))
          } catch {
            failure = error
          }
        }
      }
      return !Interrupt.isRequested && failure == nil
    }
    progress.finish()
    if let failure { throw failure }
    return result
  }

  /// Epochs between two printed losses.
  private static let printInterval = 200

  /// Whether the options are those that the published figures belong to.
  private var isPublishedJob: Bool {
    epochs == 2000 && batch == 32 && steps ?? 100 == 100 && neurons ?? 8 == 8 && pattern == .sine
      && target == nil && topology == .rc && hidden == nil && learningRate == 1e-3
  }
}
