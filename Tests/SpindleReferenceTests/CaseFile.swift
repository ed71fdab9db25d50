import Foundation
import SpindleReference

/// A cross-check case: a network, its input and what an independent implementation computed.
struct CaseFile {
  let name: String
  let description: [String: Any]
  let tensors: [String: Tensor]

  struct Tensor {
    let shape: [Int]
    /// Float32 and int32 alike are exact in a double.
    let values: [Double]
  }

  struct Fault: Error, CustomStringConvertible {
    let description: String
  }

  /// SPINDLE_SHARED/cases, or else shared/cases beside the package.
  static var directory: URL {
    if let shared = ProcessInfo.processInfo.environment["SPINDLE_SHARED"] {
      return URL(fileURLWithPath: shared).appendingPathComponent("cases")
    }
    var url = URL(fileURLWithPath: #filePath)
    for _ in 0..<4 { url.deleteLastPathComponent() }
    return url.appendingPathComponent("shared/cases")
  }

  static let names = [
    "analog-input-triangular", "ff-none-atan", "ff-subtraction", "learned-tau-threshold",
    "rc-subtraction", "rc-zero-detached", "tutorial-first-step", "two-layer-li-readout",
  ]

  static var arePresent: Bool { FileManager.default.fileExists(atPath: directory.path) }

  init(_ name: String) throws {
    let url = Self.directory.appendingPathComponent(name + ".safetensors")
    let data = [UInt8](try Data(contentsOf: url))
    let headerSize = Int(data[0..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    let header = try JSONSerialization.jsonObject(with: Data(data[8..<8 + headerSize]))
    guard var entries = header as? [String: [String: Any]],
      let text = entries.removeValue(forKey: "__metadata__")?["spindle.case"] as? String,
      let description = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    else { throw Fault(description: "\(name): no case") }
    self.name = name
    self.description = description
    tensors = try entries.mapValues { entry in
      guard let type = entry["dtype"] as? String, let shape = entry["shape"] as? [Int],
        let offsets = entry["data_offsets"] as? [Int]
      else { throw Fault(description: "\(name): \(entry)") }
      let values = stride(from: offsets[0], to: offsets[1], by: 4).map { offset -> Double in
        let start = 8 + headerSize + offset
        let bits = data[start..<start + 4].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return type == "I32" ? Double(Int32(bitPattern: bits)) : Double(Float(bitPattern: bits))
      }
      return Tensor(shape: shape, values: values)
    }
  }

  func tensor(_ key: String) throws -> Tensor {
    guard let tensor = tensors[key] else { throw Fault(description: "\(name) lacks \(key)") }
    return tensor
  }

  func network<Scalar: ReferenceScalar>(
    _: Scalar.Type
  ) throws -> ReferenceNetwork<Scalar> {
    let layers = try (description["layers"] as? [[String: Any]] ?? []).enumerated().map {
      try layer($0, $1, Scalar.self)
    }
    return try ReferenceNetwork(
      timeStep: Scalar(try number(description["time_step"])), layers: layers)
  }

  private func layer<Scalar: ReferenceScalar>(
    _ index: Int, _ entry: [String: Any], _: Scalar.Type
  ) throws -> ReferenceLayer<Scalar> {
    func optional(_ key: String) -> [Scalar]? {
      tensors["\(index).\(key)"].map { $0.values.map { Scalar($0) } }
    }
    func constants(_ key: String, _ count: Int) throws -> [Scalar] {
      if let values = optional(key) { return values }
      if let values = entry[key] as? [Double] { return values.map { Scalar($0) } }
      return Array(repeating: Scalar(try number(entry[key])), count: count)
    }
    let count = Int(try number(entry["neurons"] ?? entry["outputs"]))
    switch entry["kind"] as? String {
    case "synapse":
      return .synapse(
        ReferenceSynapse(
          inputs: Int(try number(entry["inputs"])), outputs: count,
          weight: optional("weight") ?? [], bias: optional("bias")))
    case "li":
      return .li(ReferenceLI(neurons: count, tau: try constants("tau", count)))
    case "lif":
      let surrogate = entry["surrogate"] as? [String: Any] ?? [:]
      guard let reset = ReferenceReset(rawValue: entry["reset"] as? String ?? ""),
        let resetGradient = ReferenceResetGradient(
          rawValue: entry["reset_gradient"] as? String ?? "attached"),
        let kind = ReferenceSurrogate<Scalar>.Kind(rawValue: surrogate["kind"] as? String ?? "")
      else { throw Fault(description: "\(name): layer \(index)") }
      return .lif(
        ReferenceLIF(
          neurons: count, tau: try constants("tau", count),
          threshold: try constants("threshold", count), reset: reset,
          resetGradient: resetGradient, recurrentWeight: optional("recurrent_weight"),
          surrogate: ReferenceSurrogate(kind, slope: Scalar(try number(surrogate["slope"]))),
          synapticTau: (entry["synaptic_tau"] as? Double).map { Scalar($0) },
          learnsTau: entry["learn_tau"] as? Bool ?? false,
          learnsThreshold: entry["learn_threshold"] as? Bool ?? false))
    default: throw Fault(description: "\(name): layer \(index)")
    }
  }

  func loss<Scalar: ReferenceScalar>(_: Scalar.Type) throws -> ReferenceLoss<Scalar> {
    let target = try tensor("target").values
    switch (description["loss"] as? [String: Any])?["kind"] as? String {
    case "mean_rate_mse": return .meanRateMSE(target: target.map { Scalar($0) })
    case "rate_cross_entropy": return .rateCrossEntropy(labels: target.map { Int($0) })
    case "max_membrane_cross_entropy":
      return .maxMembraneCrossEntropy(labels: target.map { Int($0) })
    case "mean_membrane_cross_entropy":
      return .meanMembraneCrossEntropy(labels: target.map { Int($0) })
    case "membrane_mse": return .membraneMSE(target: target.map { Scalar($0) })
    default: throw Fault(description: "\(name): loss")
    }
  }

  private func number(_ value: Any?) throws -> Double {
    guard let value = value as? Double else {
      throw Fault(description: "\(name): no number in \(String(describing: value))")
    }
    return value
  }
}
