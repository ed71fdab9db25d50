import SpindleJSON
import SpindleTensors
import TestSupport
import Testing

@testable import Spindle

/// The file of a checkpoint: what is written comes back, and nothing else is taken for it.
@Suite("Checkpoint files") struct CheckpointFileTests {
  /// With every kind of value that a checkpoint holds.
  static func checkpoint() throws -> Checkpoint {
    let network = try WeightFileTests.network()
    let count = network.parameterCount
    func values(_ first: Float) -> [Float] { (0..<count).map { first + Float($0) / 16 } }
    func record(_ epoch: Int) -> EpochRecord {
      EpochRecord(
        epoch: epoch, step: 7 * epoch, samples: 100, loss: 0.1 + Double(epoch),
        regularization: -0.0, accuracy: epoch == 1 ? nil : 1 / 3,
        validation: epoch == 1 ? nil : .init(loss: .leastNonzeroMagnitude, accuracy: 0.5),
        learningRate: 0.1, gradientNorm: epoch == 1 ? .infinity : 1e300,
        activity: Activity(
          layers: [.init(layer: 1, neurons: 2, firingRate: 0.1, dead: 0, saturated: 1)],
          operations: .init(accumulates: 12.5, multiplyAccumulates: 1e20)), seconds: 0.25)
    }
    return Checkpoint(
      configuration: "{\"é\\n\": \"e\u{301} 🧵\u{1}\"}\r\n", data: "0123",
      network: network.description, epoch: 2,
      step: 14, seed: .max, history: [record(1), record(2)],
      best: .init(epoch: 1, monitor: .accuracy, value: 0.1, values: values(1)),
      warnings: [.init(kind: .manyDead, layer: 1, epoch: 2, value: 0.75)],
      stopping: .init(reference: 0.1, waited: 3), parameters: network.parameters,
      values: values(0.5),
      optimizer: .init(
        kind: "adam",
        arrays: [
          .init(name: "mean", values: values(2)), .init(name: "variance", values: values(3)),
        ]))
  }

  static func encoded() throws -> [UInt8] { try checkpoint().file().encoded() }

  /// The error for a file of these bytes, or nil.
  private func fault(_ bytes: [UInt8]) -> FileFault? {
    do throws(FileFault) {
      _ = try Checkpoint(bytes: bytes)
      return nil
    } catch {
      #expect(!error.description.contains("\n"))
      return error
    }
  }

  private func fault(
    _ change: (inout [SafetensorsFile.Tensor], inout [String: String]) throws -> Void
  ) throws -> FileFault? {
    let file = try Self.checkpoint().file()
    var (tensors, metadata) = (file.tensors, file.metadata)
    try change(&tensors, &metadata)
    return fault(try SafetensorsFile(tensors, metadata: metadata).encoded())
  }

  /// Makes the checksum fit what the file says, as a hand-made file's would.
  private func seal(_ tensors: [SafetensorsFile.Tensor], _ metadata: inout [String: String]) {
    metadata["spindle.checksum"] = Checkpoint.checksum(
      tensors, metadata["spindle.checkpoint"] ?? "", metadata["spindle.configuration"] ?? "",
      history: HistoryTable.checksum(of: tensors))
  }

  @Test("Everything comes back as it was, under plain names") func roundTrip() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/run.checkpoint"
      try Self.checkpoint().write(to: path)
      #expect(try Checkpoint(contentsOf: path) == Self.checkpoint())
      let file = try SafetensorsFile(contentsOf: path)
      let names = try WeightFileTests.network().parameters.map(\.name)
      let prefixes = ["", "best.", "optimizer.mean.", "optimizer.variance."]
      #expect(
        Set(file.tensors.map(\.name))
          == Set(
            prefixes.flatMap { prefix in names.map { prefix + $0 } } + [
              "history", "history.seconds",
            ]))
      #expect(file["optimizer.mean.0.weight"]?.shape == [3, 2])
      // Without the optional parts.
      var bare = try Self.checkpoint()
      (bare.best, bare.stopping, bare.warnings, bare.optimizer.arrays) = (nil, nil, [], [])
      bare.data = nil
      try bare.write(to: path)
      #expect(try Checkpoint(contentsOf: path) == bare)
    }
  }

  @Test("The same checkpoint gives the same bytes") func sameBytes() throws {
    #expect(try Self.encoded() == Self.encoded())
  }

  @Test("Parameters go into a network of the same layers, and into no other") func restore() throws
  {
    let checkpoint = try Self.checkpoint()
    var network = try WeightFileTests.network()
    try network.restore(checkpoint)
    #expect(network.values == checkpoint.values)
    try network.restore(checkpoint, .best)
    #expect(network.values == checkpoint.best?.values)
    var without = checkpoint
    without.best = nil
    try network.restore(without, .best)
    #expect(network.values == checkpoint.values)

    var description = network.description
    description.layers[0].recurrence = .ff
    var other = try Network(description)
    let before = other.values
    do throws(SpindleError) {
      try other.restore(checkpoint)
      Issue.record("another network was accepted")
    } catch {
      guard case .invalidFile(_, .otherNetwork(let differences)) = error else { throw error }
      #expect(differences.contains("layers[0].topology: \"FF\" here, \"RC\" in the file"))
    }
    #expect(other.values == before)
  }

  @Test("A file of another kind is no checkpoint") func notCheckpoint() throws {
    for text in ["", "{}", "{\"model\": {\"layers\": []}}", String(repeating: "x", count: 5000)] {
      guard case .notCheckpoint? = fault(Array(text.utf8)) else {
        Issue.record("\(text): \(String(describing: fault(Array(text.utf8))))")
        continue
      }
    }
    try withTemporaryDirectory { directory in
      let path = directory + "/file"
      try WeightFileTests.network().save(to: path)
      do throws(SpindleError) {
        _ = try Checkpoint(contentsOf: path)
        Issue.record("weights were accepted")
      } catch {
        guard case .invalidFile(path, .notCheckpoint) = error else { throw error }
        #expect(error.description.hasPrefix(path))
      }
      #expect(
        throws: SpindleError.file("\(path)2: cannot open the file: No such file or directory")
      ) { try Checkpoint(contentsOf: path + "2") }
    }
    let format = try fault { _, metadata in
      metadata["spindle.checkpoint"] = "{\"format\": \"another\", \"version\": 1}"
    }
    guard case .notCheckpoint? = format else {
      Issue.record("\(String(describing: format))")
      return
    }
    var network = try WeightFileTests.network()
    try withTemporaryDirectory { directory in
      let path = directory + "/file"
      try Self.checkpoint().write(to: path)
      #expect(throws: SpindleError.invalidFile(path: path, .isCheckpoint)) {
        try network.load(from: path)
      }
    }
  }

  @Test("A newer version is refused by both numbers, whatever else the file says") func newer()
    throws
  {
    let found = try fault { tensors, metadata in
      metadata["spindle.checkpoint"] =
        "{\"format\": \"spindle-checkpoint\", \"version\": 7, \"new\": 1}"
      tensors.removeLast()
    }
    #expect(found == .newerVersion(found: 7, known: 2))
    #expect(found?.description.contains("version 7") == true)
    #expect(found?.description.contains("version 2") == true)
  }

  @Test("A tensor missing, of another shape or too many, with a checksum that fits") func tensors()
    throws
  {
    for (words, change) in [
      ("\"best.1.tau\" is missing", { $0.removeAll { $0.name == "best.1.tau" } }),
      (
        "\"optimizer.mean.0.weight\" should be F32 of shape [3, 2] and is F32 of shape [6]",
        {
          $0.removeAll { $0.name == "optimizer.mean.0.weight" }
          $0.append(
            try .init("optimizer.mean.0.weight", shape: [6], [0, 0, 0, 0, 0, 0] as [Float]))
        }
      ),
      ("31 tensors where 30", { $0.append(try .init("more", shape: [1], [1] as [UInt8])) }),
    ] as [(String, (inout [SafetensorsFile.Tensor]) throws -> Void)] {
      let found = try fault { tensors, metadata in
        try change(&tensors)
        seal(tensors, &metadata)
      }
      guard case .damaged(let text)? = found else {
        Issue.record("\(words): \(String(describing: found))")
        continue
      }
      #expect(text.contains(words), "\(text)")
    }
  }

  @Test("A description that lacks a value or has one of another kind, with a checksum that fits")
  func description() throws {
    let text = try Self.checkpoint().json(history: HistoryTable.columns(layers: 1))
    guard case .object(let members) = text else { return }
    for key in members.keys.sorted() where key != "format" && key != "version" {
      for value in [nil, JSONValue.bool(true), .number(-1), .string("")] {
        // Any text tells data.
        if key == "data", value == .string("") { continue }
        var changed = members
        changed[key] = value
        let found = try fault { tensors, metadata in
          metadata["spindle.checkpoint"] = JSONValue.object(changed).text
          seal(tensors, &metadata)
        }
        guard case .damaged(let text)? = found else {
          Issue.record("\(key) \(String(describing: value)): \(String(describing: found))")
          continue
        }
        #expect(text.contains(key), "\(text)")
      }
    }
  }

  @Test("Cut off at any length") func truncated() throws {
    let whole = try Self.encoded()
    for count in 0..<whole.count {
      let found = fault(Array(whole.prefix(count)))
      switch found {
      case .notCheckpoint? where count < 8, .damaged?: break
      default: Issue.record("\(count) of \(whole.count) bytes: \(String(describing: found))")
      }
    }
  }

  /// A changed bit is found, or it made no difference to what the file says.
  @Test("A bit changed in any byte") func flipped() throws {
    let (whole, original) = (try Self.encoded(), try Self.checkpoint())
    var random = SplitMix(seed: 31)
    var refused = 0
    for place in whole.indices {
      var bytes = whole
      bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      if fault(bytes) != nil {
        refused += 1
      } else {
        #expect(try Checkpoint(bytes: bytes) == original, "byte \(place)")
      }
    }
    // Else the test would show little.
    #expect(refused > whole.count * 99 / 100, "\(refused) of \(whole.count)")
  }

  /// Nothing crashes, and nothing but what was written is accepted.
  @Test("Mutations") func mutations() throws {
    let original = try Self.checkpoint()
    var bare = original
    (bare.best, bare.stopping, bare.history, bare.epoch) = (nil, nil, [], 0)
    let words = [
      "{", "}", "[", "]", ",", ":", "\"", "\\\"", "null", "-1", "1e999", "\\\"inf\\\"", "0.weight",
      "optimizer.mean.", "\"F32\"", "\"spindle.checkpoint\":\"{}\"", "\\\"version\\\":3", " ",
    ]
    try Fuzz().run(
      "checkpoints", [try original.file().encoded(), try bare.file().encoded()], words: words
    ) { bytes in
      let read: Checkpoint
      do throws(FileFault) {
        read = try Checkpoint(bytes: bytes)
      } catch {
        guard !error.description.isEmpty else { throw Unsound(what: "a fault without a text") }
        return false
      }
      guard read == original || read == bare else { throw Unsound(what: "another checkpoint") }
      return true
    }
  }
}
