import Foundation
import Spindle
import SpindleJSON
import Testing

@testable import SpindleJob

/// Sweeps: which runs they have, and what the runs leave.
struct SweepTests {
  @Test func rangesAndListsAreRead() throws {
    #expect(try SweepVariation("training.seed=3..6").values == [3, 4, 5, 6])
    #expect(try SweepVariation("a.b=1e-3,3e-3").values == [0.001, 0.003])
    let texts = try SweepVariation(#"optimizer="adam",{"kind": "sgd", "momentum": 0.5},x"#).values
    #expect(
      texts == ["adam", .object(["kind": "sgd", "momentum": 0.5]), "x"])
    #expect(
      try SweepVariation("network.layers[0].neurons=[1,2],7").key == "network.layers.0.neurons")
  }

  @Test(arguments: [
    ("training.seed", "expected KEY.PATH=VALUES"), ("=1", "expected KEY.PATH=VALUES"),
    ("a=1,2,1", "found 1 twice"), ("a=9..3", "expected a range of 1 to"),
    ("a=0..999999999999", "expected a range of 1 to"),
  ])
  func whatVariesNothingIsRefused(text: String, words: String) {
    #expect { try SweepVariation(text) } throws: { "\($0)".contains(words) }
  }

  /// The last key varies fastest, and a run has one number in every part of the sweep.
  @Test func combinationsAndShards() throws {
    let sweep = try Self.sweep(["training.seed=1..3", "optimizer.learning_rate=0.01,0.02"])
    #expect(sweep.runs.map(\.name) == ["1", "2", "3", "4", "5", "6"])
    #expect(
      sweep.runs.map(\.values) == [
        [1, 0.01], [1, 0.02], [2, 0.01], [2, 0.02], [3, 0.01], [3, 0.02],
      ])
    let parts = try (1...4).map { try sweep.shard($0, of: 4).map(\.number) }
    #expect(parts == [[1, 5], [2, 6], [3], [4]])
    #expect { try sweep.shard(5, of: 4) } throws: { "\($0)".contains("found 5/4") }
    #expect { try sweep.shard(0, of: 4) } throws: { "\($0)".contains("found 0/4") }
  }

  @Test func aDrawTakesEachCombinationAtMostOnce() throws {
    let keys = ["training.seed=1..40", "optimizer.learning_rate=0.01,0.02"]
    let drawn = try Self.sweep(keys, sample: .init(count: 30, seed: 1)).runs.map(\.number)
    #expect(Set(drawn).count == 30 && drawn == drawn.sorted())
    #expect(try Self.sweep(keys, sample: .init(count: 30, seed: 1)).runs.map(\.number) == drawn)
    #expect(try Self.sweep(keys, sample: .init(count: 30, seed: 2)).runs.map(\.number) != drawn)
    #expect(try Self.sweep(keys, sample: .init(count: 80, seed: 2)).runs.count == 80)
    #expect { try Self.sweep(keys, sample: .init(count: 81, seed: 2)) } throws: {
      "\($0)".contains("expected --random from 1 to 80, found 81")
    }
  }

  @Test(arguments: [
    (["training.seed=1..2", "training.seed=3"], "apart from one another"),
    (["training=1", "training.seed=3"], "apart from one another"),
    (["checkpoint.path=a,b"], "checkpoints of its own"), ([], "at least one --vary"),
    (["training.seed=1..2000", "training.epochs=1..2000"], "at most 1000000 combinations"),
    (["training.epochs=1,0"], "run 2 (training.epochs=0)"),
  ])
  func sweepsThatCannotBeAreRefused(keys: [String], words: String) {
    #expect { try Self.sweep(keys) } throws: { "\($0)".contains(words) }
  }

  /// Each run has the bits of its configuration trained alone; a stopped run goes on.
  @Test func runsHaveTheBitsOfTrain() throws {
    let scratch = try Folder()
    let sweep = try Self.sweep(["training.seed=1..2"])
    let folder = try SweepFolder(scratch.path("sweep"), for: sweep)
    var stops = 0
    let stopped = try folder.train(
      sweep.runs[0], threads: 1,
      events: FitEvents(shouldStop: {
        stops += 1
        return stops > 2
      }))
    #expect(stopped == .stopped)
    #expect(try folder.result(of: sweep.runs[0]) == nil)
    for run in sweep.runs { #expect(try folder.train(run, threads: 1) == .finished) }
    for run in sweep.runs {
      let alone = try Job(run.configuration).train()
      let kept = try Checkpoint(contentsOf: folder.checkpointPath(run))
      #expect(kept.history.map(\.loss) == alone.fit.history.map(\.loss), "run \(run.name)")
      #expect(try folder.result(of: run)?.metrics[.loss] == alone.evaluation.measurement.loss)
    }
    #expect(try folder.results().count == 2)
  }

  @Test func failuresAreKeptUntilTheyAreForgotten() throws {
    let scratch = try Folder()
    let file = try scratch.samples(count: 20, shift: 0)
    let sweep = try Sweep(
      parsing: scratch.configuration(file: file),
      varying: [SweepVariation("data.file=\(file),nowhere.safetensors")])
    let folder = try SweepFolder(scratch.path("sweep"), for: sweep)
    #expect(try folder.train(sweep.runs[0], threads: 1) == .finished)
    guard case .failed(let reason) = try folder.train(sweep.runs[1], threads: 1) else {
      Issue.record("a run without its file did not fail")
      return
    }
    #expect(reason.contains("nowhere.safetensors"))
    let table = SweepTable(of: sweep, try folder.results())
    #expect(table.summary.failed == 1 && table.summary.finished == 1)
    #expect(table.summary.metric == .accuracy)
    let lines = table.csv.split(separator: "\n")
    #expect(
      lines.count == 3 && lines[0].hasPrefix("run,data.file,failure,epochs,seconds,accuracy,loss"))
    folder.forget(sweep.runs[1])
    #expect(try folder.result(of: sweep.runs[1]) == nil)
  }

  @Test func aFolderHoldsOneSweep() throws {
    let scratch = try Folder()
    let path = scratch.path("sweep")
    _ = try SweepFolder(path, for: Self.sweep(["training.seed=1..2"]))
    _ = try SweepFolder(path, for: Self.sweep(["training.seed=1..2"]))
    #expect { try SweepFolder(path, for: Self.sweep(["training.seed=1..3"])) } throws: {
      "\($0)".contains("holds another sweep (vary[0]")
    }
  }

  @Test func aRunThatAnotherProcessIsAtIsBusy() throws {
    let scratch = try Folder()
    let sweep = try Self.sweep(["training.seed=1..2"])
    let folder = try SweepFolder(scratch.path("sweep"), for: sweep)
    var inner: SweepOutcome?
    _ = try folder.train(
      sweep.runs[0], threads: 1,
      events: FitEvents(shouldStop: {
        if inner == nil { inner = try? folder.train(sweep.runs[0], threads: 1) }
        return false
      }))
    #expect(inner == .busy)
  }

  @Test func spreadsAreThoseOfASample() {
    #expect(Spread([]) == nil)
    let spread = Spread([4, 1, 3, 2])
    #expect(spread?.mean == 2.5 && spread?.median == 2.5)
    #expect(spread?.minimum == 1 && spread?.maximum == 4)
    #expect(abs((spread?.deviation ?? 0) - (5.0 / 3).squareRoot()) < 1e-15)
    #expect(Spread([7])?.deviation == 0)
  }

  private static func sweep(
    _ keys: [String], sample: Sweep.Sample? = nil
  ) throws -> Sweep {
    let text = try #require(Template.named("tutorial").configurations.first?.text)
    return try Sweep(
      parsing: text, overrides: [Override("training.epochs=5")],
      varying: keys.map { try SweepVariation($0) }, sample: sample)
  }
}
