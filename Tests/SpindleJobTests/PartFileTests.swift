import Foundation
import Spindle
import SpindleTensors
import TestSupport
import Testing

@testable import SpindleJob

/// Lengths, groups, weights and the files of parts, from configuration to results.
struct PartFileTests {
  private let scratch: Folder

  init() throws { scratch = try Folder() }

  /// Samples [count, 6, 2] of three classes, with lengths and a group.
  private func write(_ name: String, count: Int, steps: Int = 6, first: Int = 0) throws -> String {
    let path = scratch.path(name)
    let values = (0..<count * steps * 2).map { place -> Float in
      let sample = place / (steps * 2) + first
      return Float(sample % 3) + Float((place + first) * 37 % 101) / 101
    }
    try SafetensorsFile([
      .init("x", shape: [count, steps, 2], values),
      .init("y", shape: [count], (0..<count).map { Int32(($0 + first) % 3) }),
      .init("length", shape: [count], (0..<count).map { Int32(1 + ($0 + first) % steps) }),
      .init("who", shape: [count], (0..<count).map { Int32($0 % 7) }),
    ]).write(to: path)
    return path
  }

  private func configuration(
    _ data: String, loss: String = "\"mean_membrane_cross_entropy\"", outputs: Int = 3
  ) throws -> JobConfiguration {
    try JobConfiguration(
      parsing: """
        {
          "network": {
            "layers": [
              {"kind": "lif", "neurons": 12, "topology": "RC"},
              {"kind": "li", "neurons": \(outputs)}
            ]
          },
          "data": {"input": "x", "target": "y", \(data)}, "loss": \(loss),
          "optimizer": {"kind": "adam", "learning_rate": 0.01},
          "training": {"epochs": 3, "batch": 8},
          "checkpoint": {"path": "\(scratch.path("run.safetensors"))"}
        }
        """)
  }

  @Test func partsMayBeFiles() throws {
    let training = try write("train.safetensors", count: 40)
    let validation = try write("validation.safetensors", count: 9, first: 2)
    let test = try write("test.safetensors", count: 13, first: 5)
    let job = try Job(
      configuration(
        """
        "file": "\(training)", "lengths": "length", "validation_file": "\(validation)",
        "test_file": "\(test)", "transforms": [{"kind": "standardize"}]
        """))
    #expect(job.data.training.plain.count == 40 && job.data.training.plain.lengths?[7] == 2)
    #expect(job.data.validation?.plain.count == 9 && job.data.test?.plain.count == 13)
    #expect(job.data.test?.plain.lengths?.prefix(2) == [6, 1])
    // Random encoders draw for each sample of a file of its own.
    #expect(job.data.validation?.plain.identities.first == 40)
    #expect(job.data.test?.plain.identities.first == 49)
    let result = try job.train()
    #expect(result.evaluation.part == .test && result.evaluation.measurement.samples == 13)
    #expect(result.fit.history.allSatisfy { $0.validation != nil })
    let saved = result.fit.checkpoint
    #expect(job.difference(from: saved) == nil)
    let other = try Job(
      configuration(
        """
        "file": "\(training)", "lengths": "length", "validation_file": "\(test)",
        "test_file": "\(validation)", "transforms": [{"kind": "standardize"}]
        """))
    #expect(other.difference(from: saved) != nil, "the files were exchanged")
  }

  @Test func unsuitablePartsAreRefused() throws {
    let training = try write("train.safetensors", count: 40)
    let other = try write("test.safetensors", count: 5, steps: 4)
    expectError("expected samples [count, 6, 2] as in training, found [5, 4, 2]") {
      _ = try Job(configuration("\"file\": \"\(training)\", \"test_file\": \"\(other)\""))
    }
    expectError("beside a part of split of the same name") {
      _ = try configuration(
        """
        "file": "\(training)", "test_file": "\(other)", "split": {"train": 0.8, "test": 0.2}
        """)
    }
    expectError("beside \"steps\"") {
      _ = try configuration("\"file\": \"\(training)\", \"lengths\": \"l\", \"steps\": 3")
    }
    expectError("beside \"stratified\"") {
      _ = try configuration(
        "\"file\": \"\(training)\", \"split\": {\"group\": \"who\", \"stratified\": true}")
    }
    expectError("there is no tensor \"longitude\"") {
      _ = try Job(configuration("\"file\": \"\(training)\", \"lengths\": \"longitude\""))
    }
    expectError("the length of sample 0 must be from 1 to 6, the steps, got 0") {
      _ = try Job(configuration("\"file\": \"\(training)\", \"lengths\": \"y\""))
    }
  }

  @Test func groupsAreNotDivided() throws {
    let training = try write("train.safetensors", count: 40)
    let job = try Job(
      configuration(
        """
        "file": "\(training)",
        "split": {"train": 0.6, "validation": 0.2, "test": 0.2, "group": "who", "seed": 4}
        """))
    let parts = [job.data.training, job.data.validation, job.data.test].compactMap { $0?.plain }
    let groups = parts.map { Set($0.identities.map { $0 % 7 }) }
    let count = groups.map(\.count).reduce(0, +)
    #expect(count == 7, "\(groups)")
  }

  /// Weights change training, by what the classes of the training samples are.
  @Test func classesMayBeWeighted() throws {
    let training = try write("train.safetensors", count: 40)
    func job(_ weights: String) throws -> Job {
      try Job(
        configuration(
          "\"file\": \"\(training)\"",
          loss: "{\"kind\": \"mean_membrane_cross_entropy\"\(weights)}"))
    }
    let balanced = try job(", \"class_weights\": \"balanced\"")
    #expect(balanced.data.classWeights == [40.0 / 42, 40.0 / 39, 40.0 / 39] as [Float])
    let plain = try job("").train().fit.history[0].loss
    #expect(try job(", \"class_weights\": [1, 1, 1]").train().fit.history[0].loss == plain)
    #expect(try balanced.train().fit.history[0].loss != plain)
    expectError("the class weights must have shape [3], got [2]") {
      _ = try job(", \"class_weights\": [1, 1]")
    }
    expectError("class_weights") { _ = try job(", \"class_weights\": \"even\"") }
    expectError("class_weights") {
      _ = try configuration(
        "\"file\": \"\(training)\"",
        loss: "{\"kind\": \"membrane_mse\", \"class_weights\": \"balanced\"}")
    }
  }

  /// A prediction reads the lengths as training did, and is that of each sample alone.
  @Test func predictionsHeedLengths() throws {
    let training = try write("train.safetensors", count: 40)
    let configuration = try configuration("\"file\": \"\(training)\", \"lengths\": \"length\"")
    let checkpoint = try Job(configuration).train().fit.checkpoint
    let saved = try JobConfiguration(parsing: checkpoint.configuration)
    let predictor = try Predictor(of: checkpoint, .last, configuration: saved, path: training)
    guard case .classes(let classes) = try predictor.predict().output,
      case .arrays(let arrays) = try predictor.predict([.logits, .membrane]).output
    else {
      Issue.record("other outputs than asked for")
      return
    }
    let network = predictor.network
    let file = try SafetensorsFile(contentsOf: training)
    let values = try file.tensor(named: "x").floats()
    for sample in 0..<40 {
      let length = 1 + sample % 6
      let own = Array(values[sample * 12..<sample * 12 + length * 2])
      let recording = try network.run(Input(own, batch: 1, steps: length, units: 2))
      let membrane = arrays[1].values[sample * 18..<(sample + 1) * 18]
      #expect(Array(membrane.prefix(length * 3)) == recording.membrane.values)
      #expect(membrane.dropFirst(length * 3).allSatisfy { $0 == 0 })
      let logits = Array(arrays[0].values[sample * 3..<(sample + 1) * 3])
      #expect(logits == Loss.meanMembraneCrossEntropy.logits(of: recording, lengths: nil))
      #expect(logits[Int(classes[sample])] == logits.max())
    }
  }
}

/// .npz files.
struct ArchiveTests {
  /// numpy.savez_compressed of x float32 [2, 4, 3] = arange / 8, labels [1, 0] and lengths [4, 2].
  private static let packed =
    "UEsDBC0AAAAIAAAAIQAmE0sf//////////8FABQAeC5ucHkBABAA4AAAAAAAAACJAAAAAAAAAJvsF+obEMnIUMZQ"
    + "rZ6SWpxcpG6loG6TZqKuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6CiY6CsaaOgq1CuQBLgYIsGNg"
    + "aADiA0DMYM/AoADEDkCcAMQNQDwBiBcA8QYgPgDEF4D4ARB/AGIGBwYGDiAWAGIJIFYAYg0gNgBiCwcAUEsDBC0A"
    + "AAAIAAAAIQBx+zmr//////////8KABQAbGFiZWxzLm5weQEAEACQAAAAAAAAAEgAAAAAAAAAm+wX6hsQychQxlCt"
    + "npJanFykbqWgbpNpoa6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvkaRjqaOgq1ChQALkYGVAAAUEsDBC0A"
    + "AAAIAAAAIQAn9hIi//////////8LABQAbGVuZ3Rocy5ucHkBABAAggAAAAAAAABGAAAAAAAAAJvsF+obEMnIUMZQ"
    + "rZ6SWpxcpG6loF5Taqiuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6mjoKtQoUAC4WJgBQSwECLQMt"
    + "AAAACAAAACEAJhNLH4kAAADgAAAABQAAAAAAAAAAAAAAgAEAAAAAeC5ucHlQSwECLQMtAAAACAAAACEAcfs5q0gA"
    + "AACQAAAACgAAAAAAAAAAAAAAgAHAAAAAbGFiZWxzLm5weVBLAQItAy0AAAAIAAAAIQAn9hIiRgAAAIIAAAALAAAA"
    + "AAAAAAAAAACAAUQBAABsZW5ndGhzLm5weVBLBQYAAAAAAwADAKQAAADHAQAAAAA="

  private var bytes: [UInt8] { Data(base64Encoded: Self.packed).map { [UInt8]($0) } ?? [] }

  @Test func packedArraysAreSamples() throws {
    let scratch = try Folder()
    let path = scratch.path("samples.npz")
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    let archive = try ZipArchive(contentsOf: path)
    #expect(archive.arrayNames == ["labels", "lengths", "x"])
    #expect(try archive.array("x").floats() == (0..<24).map { Float($0) / 8 })
    let job = try Job(
      JobConfiguration(
        parsing: """
          {
            "network": {"layers": [{"kind": "li", "neurons": 2}]},
            "data": {"file": "\(path)", "input": "x", "target": "labels", "lengths": "lengths"},
            "loss": "mean_membrane_cross_entropy", "training": {"epochs": 1}
          }
          """))
    #expect(job.data.training.plain.lengths == [4, 2])
    #expect(job.data.training.plain.labels?.labels == [1, 0])
    let error = #expect(throws: SpindleError.self) { try archive.array("y") }
    #expect(error?.description.contains("it holds \"labels\", \"lengths\", \"x\"") == true)
  }

  @Test func damageIsFound() throws {
    var changed = bytes
    changed[60] ^= 1
    let archive = try ZipArchive(bytes: changed, path: "x.npz")
    #expect(throws: SpindleError.self) { try archive.array("x") }
    #expect(throws: SpindleError.self) { try ZipArchive(bytes: [], path: "x.npz") }
    #expect(throws: SpindleError.self) {
      try ZipArchive(bytes: Array(bytes.dropLast()), path: "x.npz")
    }
  }

  @Test func noChangeOfBytesIsACrash() throws {
    try Fuzz().run("npz", [bytes], words: ["PK\u{1}\u{2}", "x.npy"]) { bytes in
      guard let archive = try? ZipArchive(bytes: bytes, path: "x.npz") else { return false }
      for name in archive.arrayNames { _ = try? archive.array(name) }
      return true
    }
  }
}
