import Foundation
import Spindle
import TestSupport
import Testing

@testable import SpindleJob

/// Jobs of several ranks, which are threads here.
struct RankTests {
  /// Of a network in the rows layout, cut into four parts.
  private static func configuration(_ changes: String...) throws -> JobConfiguration {
    try JobConfiguration(
      parsing: shortText,
      overrides: [
        "network.layers.0.neurons=24", "network.layers.1.dropout=0.2", "training.parts=4",
        "training.keep_best=true", "clipping={\"kind\":\"norm\",\"limit\":0.5}",
        "network.layers.0.hardware={\"mismatch\":{\"weights\":0.1}}",
      ].map { try Override($0) } + changes.map { try Override($0) })
  }

  /// The first rank writes the checkpoint, and no other does; what all tell has the bits of one.
  @Test(arguments: [2, 3, 4]) func ranksHaveTheBitsOfOne(ranks: Int) throws {
    let scratch = try Folder()
    let configuration = try Self.configuration()
    let whole = try Job(configuration).train()
    let results = try withRanks(ranks) { communicator in
      let path = scratch.path("run-\(communicator.rank).safetensors")
      return try Job(configuration, communicator: communicator).train(checkpointPath: path)
    }
    for (rank, result) in results.enumerated() {
      #expect(try result.fit.checkpoint.sameBits(whole.fit.checkpoint), "rank \(rank)")
      #expect(result.evaluation.measurement == whole.evaluation.measurement, "rank \(rank)")
      #expect(result.chips?.values == whole.chips?.values && result.chips != nil, "rank \(rank)")
      let isWritten = FileManager.default.fileExists(
        atPath: scratch.path("run-\(rank).safetensors"))
      #expect(isWritten == (rank == 0), "rank \(rank)")
    }
    let saved = try Checkpoint(contentsOf: scratch.path("run-0.safetensors"))
    // The configuration in it names no path, as that of the whole run does not.
    #expect(try saved.sameBits(whole.fit.checkpoint))
  }

  /// A run goes on with another number of ranks.
  @Test func otherRanksGoOn() throws {
    let scratch = try Folder()
    let path = scratch.path("run.safetensors")
    let whole = try Job(Self.configuration("training.epochs=4")).train()
    let short = try Self.configuration("training.epochs=2")
    _ = try withRanks(3) { try Job(short, communicator: $0).train(checkpointPath: path) }
    let long = try Self.configuration("training.epochs=4")
    let results = try withRanks(2) { communicator in
      let saved = try Checkpoint(contentsOf: path)
      return try Job(long, communicator: communicator).train(
        resuming: saved, checkpointPath: path)
    }
    for result in results {
      #expect(try result.fit.checkpoint.sameBits(whole.fit.checkpoint))
    }
  }

  /// An interrupt of one rank ends all with the same epoch.
  @Test func oneRanksInterruptEndsAll() throws {
    let configuration = try Self.configuration("training.epochs=50")
    let results = try withRanks(3) { communicator in
      var asked = 0
      let events = FitEvents(shouldStop: {
        asked += 1
        return communicator.rank == 2 && asked > 12
      })
      return try Job(configuration, communicator: communicator).train(events: events)
    }
    let epochs = results.map(\.fit.history.count)
    #expect(epochs[0] > 0 && epochs[0] < 50 && Set(epochs).count == 1, "\(epochs)")
    for result in results {
      #expect(result.fit.outcome == .stopped)
      #expect(try result.fit.checkpoint.sameBits(results[0].fit.checkpoint))
    }
  }

  /// What a rank throws, as a sentence.
  private func sentence(_ body: () throws -> Void) throws -> String {
    let error = #expect(throws: JobError.self) { try body() }
    return try #require(error).description
  }

  @Test func moreRanksThanPartsAreTold() throws {
    let few = try Self.configuration("training.parts=2")
    let told = try sentence { _ = try withRanks(3) { try Job(few, communicator: $0) } }
    #expect(
      told == "3 ranks need a part of the batch each, and it is cut into 2; --set training.parts=3 "
        + "cuts it into as many, with the bits that one process then gives, too")
    let small = try Self.configuration("training.batch=2", "training.parts=2")
    let most = try sentence { _ = try withRanks(3) { try Job(small, communicator: $0) } }
    #expect(most.contains("2") && !most.contains("training.parts=3"), "\(most)")
  }

  /// Another configuration, other data or another checkpoint at one rank.
  @Test func ranksMustAgree() throws {
    let told = try sentence {
      _ = try withRanks(3) { communicator in
        let seed = communicator.rank == 1 ? 5 : 4
        return try Job(
          Self.configuration("training.seed=\(seed)"), communicator: communicator)
      }
    }
    #expect(told == "rank 1 has another configuration or data than rank 0")
    let configuration = try Self.configuration()
    let early = try Job(Self.configuration("training.epochs=1")).train().fit.checkpoint
    let late = try Job(Self.configuration("training.epochs=2")).train().fit.checkpoint
    let other = try sentence {
      _ = try withRanks(2) { communicator in
        try Job(configuration, communicator: communicator).train(
          resuming: communicator.rank == 1 ? late : early)
      }
    }
    #expect(other == "rank 1 has another checkpoint than rank 0")
  }

  /// A rank that is lost ends the others' calls with its sentence, and the run with an error.
  @Test func aLostRankIsAnError() throws {
    let configuration = try Self.configuration("training.epochs=50")
    let told = try sentence {
      _ = try withRanks(2) { communicator in
        let job = try Job(configuration, communicator: communicator)
        var asked = 0
        let events = FitEvents(shouldStop: {
          asked += 1
          if communicator.rank == 1, asked == 10 { communicator.leave() }
          return false
        })
        return try job.train(events: events)
      }
    }
    #expect(told == "a rank has left")
  }
}
