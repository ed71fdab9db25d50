import SpindleTensors
import TestSupport
import Testing

@testable import Spindle

/// The history in a checkpoint: as exact as the rest, of any length, and not encoded anew each time.
@Suite("Histories of checkpoints") struct HistoryTests {
  /// A record of some epoch, with `layers` layers.
  private static func record(_ epoch: Int, layers: Int = 2) -> EpochRecord {
    EpochRecord(
      epoch: epoch, step: 3 * epoch, samples: 40, loss: 1 / Double(epoch), regularization: -0.0,
      accuracy: epoch % 2 == 0 ? nil : 1 / 3,
      validation: epoch % 3 == 0 ? nil : .init(loss: .infinity, accuracy: epoch % 2 == 0 ? nil : 1),
      learningRate: 0.1, gradientNorm: .leastNonzeroMagnitude,
      activity: Activity(
        layers: (0..<layers).map {
          .init(layer: $0, neurons: 12, firingRate: 0.1, dead: 0.25, saturated: 0)
        }, operations: .init(accumulates: 1e20, multiplyAccumulates: 0)), seconds: 0.25)
  }

  private static func checkpoint(_ history: [EpochRecord]) throws -> Checkpoint {
    var checkpoint = try CheckpointFileTests.checkpoint()
    (checkpoint.history, checkpoint.epoch) = (history, history.count)
    return checkpoint
  }

  @Test("Records of any kind come back bit for bit") func roundTrip() throws {
    for history in [
      [], [Self.record(1, layers: 0)], (1...7).map { Self.record($0) },
      [Self.record(1, layers: 0), Self.record(2, layers: 3), Self.record(3, layers: 1)],
    ] {
      let checkpoint = try Self.checkpoint(history)
      #expect(try Checkpoint(bytes: checkpoint.file().encoded()) == checkpoint)
    }
    // A loss that is no number is not taken for one that is missing.
    var odd = Self.record(1)
    odd.accuracy = .nan
    odd.validation = .init(loss: .nan, accuracy: nil)
    let read = try Checkpoint(bytes: Self.checkpoint([odd]).file().encoded()).history[0]
    #expect(read.accuracy?.isNaN == true && read.validation?.loss.isNaN == true)
    #expect(read.validation?.accuracy == nil)
  }

  /// The header of version 1 held the history, 400 bytes an epoch; a header may have 100 MB.
  @Test("A history of 30 000 epochs is written and read, and the header has none of it")
  func long() throws {
    let count = 30_000
    let checkpoint = try Self.checkpoint((1...count).map { Self.record($0) })
    let file = try checkpoint.file()
    #expect(file.metadata.values.reduce(0) { $0 + $1.utf8.count } < 10_000)
    let read = try Checkpoint(file)
    #expect(read.history.count == count && read.history.last == Self.record(count))
  }

  @Test("Only what is new is encoded, and the file is the same as one encoded at once")
  func increments() throws {
    var table = HistoryTable()
    var history: [EpochRecord] = []
    try withTemporaryDirectory { directory in
      for epoch in 1...40 {
        // Wider records than before begin the table anew.
        history.append(Self.record(epoch, layers: epoch > 20 ? 3 : 2))
        let checkpoint = try Self.checkpoint(history)
        try checkpoint.write(to: directory + "/run", history: &table)
        #expect(table.rows == epoch)
        var whole = HistoryTable()
        whole.update(history)
        #expect(try whole.tensors() == table.tensors())
        #expect(whole.checksum.value == table.checksum.value)
        #expect(try Checkpoint(contentsOf: directory + "/run") == checkpoint)
      }
    }
  }

  @Test("A history of other columns, counts or sizes is damaged") func damaged() throws {
    let good = try Self.checkpoint([Self.record(1), Self.record(2)])
    func tensor(_ change: (inout [Double]) -> Void) throws -> SafetensorsFile.Tensor {
      var values = try #require(try good.file()["history"]).doubles()
      change(&values)
      let bytes = values.flatMap { value in
        (0..<8).map { UInt8(truncatingIfNeeded: value.bitPattern >> UInt64(8 * $0)) }
      }
      return try .init("history", shape: [2, 22], float64: bytes)
    }
    let columns = HistoryTable.columns(layers: 2)
    let seconds = try #require(try good.file()["history.seconds"])
    #expect(
      try HistoryTable.records(in: tensor { _ in }, seconds: seconds, columns: columns, count: 2)
        == good.history)
    for bad in [-1.0, 0.5, .nan, .infinity, 1e300] {
      for place in [0, 1, 2, 12, 13] {
        let changed = try tensor { $0[place] = bad }
        #expect(throws: FileFault.self) {
          try HistoryTable.records(in: changed, seconds: seconds, columns: columns, count: 2)
        }
      }
    }
    let whole = try tensor { _ in }
    for (names, count) in [
      (columns, 3), (HistoryTable.columns(layers: 1), 2), ([], 2), (["epoch"], 2),
      (columns.reversed(), 2),
    ] {
      #expect(throws: FileFault.self) {
        try HistoryTable.records(in: whole, seconds: seconds, columns: names, count: count)
      }
    }
  }

  /// Timings are worthless where others build: what is counted is how often a file appears.
  @Test("By time, a checkpoint waits for twenty times as long as the last one took") func byTime()
    throws
  {
    let test = try FitCase(seed: 61)
    try withTemporaryDirectory { directory in
      var trainer = try test.trainer()
      let result = try trainer.fit(
        test.training, options: FitOptions(epochs: 300, checkpoints: .init(path: directory + "/c")))
      #expect(result.times.checkpoints < 0.2 * result.times.total)
      #expect(try Checkpoint(contentsOf: directory + "/c") == result.checkpoint)
    }
  }
}
