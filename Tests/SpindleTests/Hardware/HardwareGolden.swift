import Foundation
import Spindle
import SpindleTensors
import TestSupport

/// golden/hardware.safetensors: four chips in float32 and float64, penalties, and runs of integers.
struct HardwareGolden {
  static var path: String {
    SharedFiles.directory.appendingPathComponent("golden/hardware.safetensors").path
  }
  static var isThere: Bool { FileManager.default.fileExists(atPath: path) }
  static let absence =
    "no golden/hardware.safetensors; set SPINDLE_SHARED to the parent directory of golden"

  let file: SafetensorsFile
  let input: Input
  let batch = 6
  let steps = 40
  let inputs = 12

  /// Parameters of the file by names of ours; the readout's tau and threshold are constants there.
  static let names = [
    "W": "0.weight", "R": "0.recurrent_weight", "Wout": "1.weight", "tau": "0.tau",
    "theta": "0.threshold",
  ]

  init() throws {
    file = try SafetensorsFile(contentsOf: Self.path)
    input = try Input(
      file.tensor(named: "input").floats(), batch: batch, steps: steps, units: inputs)
  }

  func floats(_ name: String) throws -> [Float] { try file.tensor(named: name).floats() }
  func doubles(_ name: String) throws -> [Double] { try file.tensor(named: name).doubles() }
  func integers(_ name: String) throws -> [Int] { try file.tensor(named: name).integers() }
  var target: Target { get throws { .classes(try integers("target").map { Int32($0) }) } }

  /// The chips of the file.
  static let chips: [String: Hardware] = [
    "range5": Hardware(quantization: Quantization(bits: 5, scale: .range(0.9))),
    "neuron4": Hardware(quantization: Quantization(bits: 4, scale: .neuron)),
    "tensor8": Hardware(quantization: Quantization(bits: 8, scale: .tensor)),
    "mismatch": Hardware(
      quantization: Quantization(bits: 5, scale: .range(0.9)),
      mismatch: Mismatch(weights: 0.1, tau: 0.1, threshold: 0.05)),
  ]

  func network(_ chip: Hardware) throws -> Network {
    var hidden = chip
    hidden.floor = -0.317
    var readout = chip
    readout.mismatch.tau = 0
    var network = try Network(
      inputs: inputs,
      layers: [
        .lif(
          17, spiking: Spiking(surrogate: Surrogate(.triangular, slope: 1)), recurrence: .rc(),
          learned: Layer.learnedByDefault.union([.tau, .threshold]), hardware: hidden),
        .li(5, tau: 0.02, hardware: readout),
      ])
    for (theirs, ours) in Self.names {
      try network.set(ours, to: try floats("parameter.\(theirs)"))
    }
    return network
  }

  /// The normal numbers of the chip with mismatch.
  func normals() throws -> [String: [Double]] {
    var normals: [String: [Double]] = [:]
    for (theirs, ours) in Self.names { normals[ours] = try doubles("normal.\(theirs)") }
    return normals
  }
}
