import Foundation
import Spindle
import SpindleFiles
import SpindleTensors
import TestSupport
import Testing

/// `Network.save(to:)` and `load(from:)`.
@Suite("Files of weights") struct WeightFileTests {
  /// The network of Scripts/make_weights_golden.py.
  static func network() throws -> Network {
    try Network(layers: [
      .synapse(
        Synapse(
          inputs: 3, outputs: 2, weights: .values((0..<6).map { Float($0) / 4 - 0.5 }),
          bias: .values([-0.0, .leastNonzeroMagnitude]))),
      .lif(
        LIF(
          neurons: 2, topology: .rc(weights: .values([0, 1.5, -0.25, 0x1p100])),
          tau: [0.015625, 0.03125], threshold: [1, 0.5])),
      .synapse(Synapse(inputs: 2, outputs: 1, weights: .values([8, -9]))),
      .li(LI(neurons: 1, tau: 0.0078125)),
    ])
  }

  /// The same network with other weights.
  static func other() throws -> Network {
    var network = try network()
    for parameter in network.parameters {
      try network.set(
        parameter.name, to: [Float](repeating: 0.75, count: parameter.shape.reduce(1, *)))
    }
    return network
  }

  static func bits(of network: Network) throws -> Bits {
    var bits = Bits()
    for parameter in network.parameters {
      bits.add(parameter.name, try network.floats(parameter.name))
    }
    return bits
  }

  @Test("What is saved is what PyPI safetensors writes, byte by byte, and loads back")
  func golden() throws {
    let url = try #require(
      Bundle.module.url(forResource: "Golden/weights", withExtension: "safetensors"))
    try withTemporaryDirectory { directory in
      let path = directory + "/weights.safetensors"
      try Self.network().save(to: path)
      let (saved, expected) = (try contents(path), try contents(url.path))
      #expect(
        saved == expected,
        "\(String(decoding: saved, as: UTF8.self)) against \(String(decoding: expected, as: UTF8.self))"
      )
    }
    var network = try Self.other()
    try network.load(from: url.path)
    try Self.bits(of: network).expectSame(as: Self.bits(of: Self.network()), "loaded")
  }

  @Test(
    "A random network's parameters come back with the same bits", arguments: seeds(from: 9100, 10))
  func roundTrip(seed: UInt64) throws {
    let network = try RandomCase(seed: seed).network
    try withTemporaryDirectory { directory in
      let path = directory + "/weights.safetensors"
      try network.save(to: path)
      var loaded = network
      for parameter in network.parameters {
        try loaded.set(
          parameter.name, to: [Float](repeating: 0.5, count: parameter.shape.reduce(1, *)))
      }
      try loaded.load(from: path)
      try Self.bits(of: loaded).expectSame(as: Self.bits(of: network), "seed \(seed)")
    }
  }

  /// Loads a file with these changes; the error, after checking that it changed nothing.
  private func fault(
    _ change: (inout [SafetensorsFile.Tensor]) throws -> Void
  ) throws -> FileFault? {
    var fault: FileFault?
    try withTemporaryDirectory { directory in
      let path = directory + "/weights.safetensors"
      try Self.network().save(to: path)
      var tensors = try SafetensorsFile(contentsOf: path).tensors
      try change(&tensors)
      try SafetensorsFile(tensors).write(to: path)
      var network = try Self.other()
      do throws(SpindleError) {
        try network.load(from: path)
      } catch {
        guard case .invalidFile(path, let found) = error else { throw error }
        fault = found
        #expect(error.description.hasPrefix(path) && !error.description.contains("\n"))
      }
      if fault != nil {
        try Self.bits(of: network).expectSame(as: Self.bits(of: Self.other()), "refused")
      }
    }
    return fault
  }

  @Test("What is missing, unexpected or of another shape or type is named") func tensors() throws {
    #expect(try fault { _ in } == nil)
    #expect(
      try fault { $0.removeAll { $0.name == "1.tau" || $0.name == "2.weight" } }
        == .otherTensors(missing: ["1.tau", "2.weight"], unexpected: [], differing: []))
    #expect(
      try fault {
        $0.removeAll { $0.name == "0.bias" }
        $0.append(try .init("0.biases", shape: [2], [0, 0] as [Float]))
      } == .otherTensors(missing: ["0.bias"], unexpected: ["0.biases"], differing: []))
    let shape = try fault {
      $0.removeAll { $0.name == "0.weight" }
      $0.append(try .init("0.weight", shape: [2, 3], [0, 1, 2, 3, 4, 5] as [Float]))
    }
    #expect(
      shape?.description.contains(
        "\"0.weight\" must be F32 of shape [3, 2], got F32 of shape [2, 3]")
        == true, "\(shape?.description ?? "accepted")")
    let type = try fault {
      $0.removeAll { $0.name == "3.tau" }
      $0.append(try .init("3.tau", shape: [1], [1] as [Int32]))
    }
    #expect(
      type?.description.contains("\"3.tau\" must be F32 of shape [1], got I32 of shape [1]")
        == true,
      "\(type?.description ?? "accepted")")
  }

  @Test("Values that a parameter may not have", arguments: [Float.nan, .infinity, 0, -1])
  func values(value: Float) throws {
    let found = try fault {
      $0.removeAll { $0.name == "3.tau" }
      $0.append(try .init("3.tau", shape: [1], [value]))
    }
    guard case .badValue(let text)? = found else {
      Issue.record("\(value): \(found?.description ?? "accepted")")
      return
    }
    #expect(text.contains("\"3.tau\"") && text.contains("\(value)"), "\(text)")
  }

  @Test("A file that is not there, cut off, or cannot be written") func system() throws {
    var network = try Self.network()
    try withTemporaryDirectory { directory in
      let path = directory + "/weights.safetensors"
      #expect(throws: SpindleError.file("\(path): cannot open the file: No such file or directory"))
      {
        try network.load(from: path)
      }
      try network.save(to: path)
      let whole = try contents(path)
      for count in [0, 7, 8, 100, whole.count - 1] {
        try AtomicFile.write(Array(whole.prefix(count)), to: path)
        do throws(SpindleError) {
          try network.load(from: path)
          Issue.record("\(count) bytes were accepted")
        } catch {
          guard case .invalidFile(path, .damaged) = error else { throw error }
        }
      }
      #expect(throws: SpindleError.self) { try network.save(to: directory + "/none/weights") }
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: directory) == ["weights.safetensors"])
    }
  }

  @Test("A network with a NaN is not saved, and the old file stays") func refusedSave() throws {
    var network = try Self.network()
    try withTemporaryDirectory { directory in
      let path = directory + "/weights.safetensors"
      try network.save(to: path)
      let old = try contents(path)
      try network.withValues(of: "0.weight") { $0[3] = .nan }
      do throws(SpindleError) {
        try network.save(to: path)
        Issue.record("a NaN was saved")
      } catch {
        guard case .notFinite("\"0.weight\"", 3, _) = error else { throw error }
      }
      #expect(try contents(path) == old)
    }
  }
}
