import Foundation
import Spindle

#if MPI
  import SpindleMPI
#endif

/// The processes that a command trains with: this one alone, or one of several that mpirun started.
struct Ranks {
  /// Nil for one alone.
  let communicator: (any Communicator)?

  /// One process by itself.
  static let alone = Ranks(communicator: nil)

  /// Whether this one prints, and writes, what came of all.
  var isFirst: Bool { (communicator?.rank ?? 0) == 0 }

  /// How many they are, at the end of a sentence; nothing of one.
  var words: String { communicator.map { ", in \($0.ranks) processes" } ?? "" }

  /// Whether the program has what processes train together by.
  static var areBuilt: Bool {
    #if MPI
      true
    #else
      false
    #endif
  }

  /// Runs a part of a command that trains, and ends the program as its errors ask; of several
  /// processes one that fails ends all.
  static func run(_ body: (Ranks) throws -> Void) throws {
    #if MPI
      if Launch.isOfMPI(ProcessInfo.processInfo.environment) { return try joining(body) }
    #endif
    try exiting { try body(.alone) }
  }

  #if MPI
    /// Seconds after which a rank but the first reports its failure. Where all fail alike, the first
    /// has reported it by then and ended them.
    private static let patience = 1.0

    private static func joining(_ body: (Ranks) throws -> Void) throws {
      var mpi: MPICommunicator?
      try exiting { mpi = try MPICommunicator() }
      guard let mpi else { return }
      if mpi.ranks == 1 {
        defer { try? mpi.finish() }
        return try exiting { try body(.alone) }
      }
      do {
        try body(Ranks(communicator: mpi))
      } catch {
        fail(error, mpi)
      }
      try exiting { try mpi.finish() }
    }

    /// Tells why this rank failed and ends all: they wait for it in a call that it will not make.
    private static func fail(_ error: any Error, _ mpi: MPICommunicator) -> Never {
      let ending = Ending(error) ?? Ending(sentence: "\(error)", status: 1)
      if mpi.rank > 0 { Thread.sleep(forTimeInterval: patience) }
      let place = mpi.rank > 0 ? "rank \(mpi.rank) of \(mpi.ranks): " : ""
      StandardError.print("Error: \(place)\(ending.sentence)")
      mpi.abort(status: ending.status)
    }
  #endif
}
