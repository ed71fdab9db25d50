import Foundation
import Spindle
import SpindleJSON
import SpindleNIR
import SpindleTensors
import TestSupport
import Testing

/// A graph with the input and the outputs that others' software, or a definition in NumPy, computed.
struct Fixture: CustomTestStringConvertible {
  let path: String
  let options: NIRImportOptions
  /// Steps by which each spiking layer gives its spikes later there.
  let latency: Int
  let tolerance: Float
  private let file: SafetensorsFile

  var testDescription: String { URL(fileURLWithPath: path).lastPathComponent }

  init(_ path: String) throws {
    self.path = path
    file = try SafetensorsFile(contentsOf: path.replacing(".nir", with: ".safetensors"))
    let text = try #require(file.metadata["spindle.nir"])
    guard case .object(let members) = try JSONValue(parsing: text),
      case .object(let keys) = members["import"], case .number(let tolerance) = members["tolerance"]
    else { throw Unsound(what: "metadata of \(path)") }
    self.tolerance = Float(tolerance)
    (options, latency) = try Self.options(keys)
  }

  private static func options(
    _ keys: [String: JSONValue]
  ) throws -> (NIRImportOptions, latency: Int) {
    var options = NIRImportOptions(timeStep: 0)
    var latency = 0
    for (key, value) in keys {
      switch (key, value) {
      case ("dt", .number(let dt)): options.timeStep = dt
      case ("integration", .string(let text)):
        options.integration = try #require(.init(rawValue: text.replacing("_", with: "-")))
      case ("reset", .string(let text)): options.reset = try #require(Reset(rawValue: text))
      case ("reset_timing", .string(let text)):
        options.resetTiming = try #require(ResetTiming(rawValue: text))
      case ("spike_rule", .string(let text)): options.spikeRule = text == ">=" ? .at : .above
      case ("gain", .number(let gain)): options.gain = gain
      case ("w_in", .string("jump")): options.synapseJump = true
      case ("if_gain", .string("unit")): options.unitGain = true
      case ("latency", .number(let steps)): latency = Int(steps)
      default: throw Unsound(what: "the import key \(key)")
      }
    }
    return (options, latency)
  }

  private func tensor(_ name: String) throws -> Spindle.Tensor? {
    guard let tensor = file[name] else { return nil }
    return try Spindle.Tensor(shape: tensor.shape, values: tensor.floats())
  }

  /// Runs the network and compares with what is expected.
  func check(_ read: NIRImport) throws {
    let input = try #require(try tensor("input"))
    let signal = try Input(
      input.values, batch: input.shape[0], steps: input.shape[1], units: input.shape[2])
    let last = read.network.layers.count - 1
    for layer in 0...last {
      let recording = try read.network.run(signal, recording: layer)
      let name = layer == last ? "expected.spikes" : "expected.hidden.\(layer).spikes"
      if let expected = try tensor(name) {
        let differing = count(expected, recording.spikes, late: latency * (layer + 1)) { $0 != $1 }
        #expect(differing == 0, "\(name): \(differing) of \(expected.values.count) differ")
      } else {
        #expect(read.network.layers[layer].neurons.spiking == nil, "\(name) is not there")
      }
    }
    guard let expected = try tensor("expected.membrane") else {
      throw Unsound(what: "no expected.membrane")
    }
    let membrane = try read.network.run(signal).membrane
    let offsets = read.potentialOffsets[last].map { Float($0) }
    let shifted = try Spindle.Tensor(
      shape: membrane.shape,
      values: membrane.values.enumerated().map { $1 + offsets[$0 % offsets.count] })
    var worst: Float = 0
    _ = count(expected, shifted, late: latency * last) { wanted, found in
      worst = max(worst, abs(wanted - found) / max(1, abs(wanted)))
      return false
    }
    #expect(worst <= tolerance, "membranes differ by \(worst)")
  }

  /// At how many places a test holds; what is found stands so many steps later in what is expected.
  private func count(
    _ expected: Spindle.Tensor, _ found: Spindle.Tensor, late: Int,
    _ holds: (Float, Float) -> Bool
  ) -> Int {
    #expect(expected.shape == found.shape)
    guard expected.shape == found.shape else { return 1 }
    var result = 0
    for b in 0..<expected.shape[0] {
      for t in late..<expected.shape[1] {
        for n in 0..<expected.shape[2] where holds(expected[b, t, n], found[b, t - late, n]) {
          result += 1
        }
      }
    }
    return result
  }

  /// The package's own (Scripts/make_nir_golden.py).
  static func golden(_ name: String) throws -> Fixture {
    try Fixture(try #require(Bundle.module.path(forResource: "Golden/\(name)", ofType: "nir")))
  }

  static let goldenNames = ["recurrent", "nested", "integrators"]
}
