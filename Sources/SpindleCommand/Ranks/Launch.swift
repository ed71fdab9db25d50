import ArgumentParser
import Foundation

/// What mpirun tells each of the processes that it started, before they begin MPI.
struct Launch {
  /// How many they are.
  let ranks: Int
  /// This one, from 0.
  let rank: Int

  /// The present process's; nil where no mpirun started it.
  static let current = Launch(ProcessInfo.processInfo.environment)

  /// By Open MPI's variables.
  init?(_ environment: [String: String]) {
    guard let ranks = environment["OMPI_COMM_WORLD_SIZE"].flatMap({ Int($0) }),
      let rank = environment["OMPI_COMM_WORLD_RANK"].flatMap({ Int($0) })
    else { return nil }
    self.ranks = ranks
    self.rank = rank
  }

  /// Whether an MPI launcher started this process: mpirun, or a batch system's own by PMIx or PMI.
  static func isOfMPI(_ environment: [String: String]) -> Bool {
    ["OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK"].contains { environment[$0] != nil }
  }

  /// Whether this process prints what concerns all.
  static var isFirst: Bool { (current?.rank ?? 0) == 0 }

  /// Refuses several processes of a command that is one, or of a program that has no MPI. The first
  /// process prints it and fails; the others end in silence, so that mpirun lets it do so.
  func check(_ command: any ParsableCommand) throws {
    // Help is a command, too, which one process prints.
    let isHelp = !SpindleCommand.configuration.subcommands.contains { $0 == type(of: command) }
    let sentence = isHelp ? nil : refusal(of: command)
    if rank > 0, isHelp || sentence != nil { Foundation.exit(0) }
    guard let sentence else { return }
    StandardError.print("Error: \(sentence)")
    throw ExitCode(2)
  }

  /// Why the processes cannot run a command together; nil where they can.
  private func refusal(of command: any ParsableCommand) -> String? {
    guard ranks > 1 else { return nil }
    guard command is any RankedCommand else {
      let name = type(of: command).configuration.commandName ?? "this command"
      return "spindle \(name) runs in one process, and mpirun started \(ranks); start it without "
        + "mpirun"
    }
    guard !Ranks.areBuilt else { return nil }
    return
      "mpirun started \(ranks) processes, and this spindle was built without the trait MPI, by which "
      + "they train together; swift build -c release --traits MPI makes one that has it"
  }
}

/// A command that several processes, the ranks of mpirun, run together.
protocol RankedCommand: ParsableCommand {}

extension TrainCommand: RankedCommand {}
extension ResumeCommand: RankedCommand {}
