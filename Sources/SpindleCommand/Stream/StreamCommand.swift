import ArgumentParser
import Spindle
import SpindleFiles
import SpindleJob

extension StreamOutput: ExpressibleByArgument {}

/// `spindle stream`.
struct StreamCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stream",
    abstract: "Runs a network on what comes from standard input, step by step.",
    discussion: """
      Each line is a step: as many numbers as the network has inputs, with commas between them. With \
      --events a line is an event, time,unit, with its time in seconds from the beginning of the \
      stream; times may not fall, and a step is taken when the first event of a later one has come. \
      A first line that names columns is passed over.

      For each step a line goes to standard output, as soon as it is known: the last layer's spikes, \
      0 or 1, or the membranes of leaky integrators. The network is given the numbers as they are, \
      without a configuration's transforms and encoders.

      The stream ends with the input, with Control-C, or when nobody reads the output any more.

      Exit status: 0 ended, 1 what was computed could not be written, 2 bad input.
      """)

  @Argument(help: ArgumentHelp("A network file, or a run that was saved.", valueName: "file"))
  var network: String

  @Flag(help: "Lines are events, time,unit.")
  var events = false

  @Option(
    help:
      "\(StreamOutput.allCases.map(\.rawValue).joined(separator: " or ")) of the last layer. (default: spikes, of leaky integrators membrane)"
  )
  var output: StreamOutput?

  @Flag(
    help:
      "Print on standard error how long it took from a step's line to its output: median, p99, worst."
  )
  var realtime = false

  @Option(help: "Instruction set; changes no bit of the results.")
  var isa = ISA.automatic

  @OptionGroup var choice: ChoiceOptions

  func run() throws {
    try exiting {
      let loaded = try rethrowing(
        try Network(contentsOf: network, choice.choice), as: JobError.refused)
      let isSpiking = loaded.layers.last?.neurons.spiking != nil
      guard isSpiking || output != .spikes else {
        throw JobError.configuration(
          "--output must be membrane, since leaky integrators do not fire, got spikes")
      }
      Interrupt.listen()
      var run = try StreamRun(
        loaded, quantity: output ?? (isSpiking ? .spikes : .membrane), measures: realtime,
        execution: Execution(threads: 1, isa: isa))
      // However it ends.
      defer { if let latencies = run.latencies { StandardError.print(latencies.text) } }
      do {
        try run.run(events: events)
      } catch let error as InputError {
        throw JobError.configuration(error.description)
      }
    }
  }
}
