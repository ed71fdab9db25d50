import Foundation
import SpindleTensors
import TestSupport

@testable import SpindleCrossCheck

/// The golden cases of this target, made by Scripts/make_golden_cases.py.
enum GoldenCases {
  static let names = [
    "adaptive-refractory-learned", "delayed-one-to-one", "filter-rc-mean-membrane",
    "integrator-filter-learned", "one-sample-one-step", "peak-two-layers-readout",
    "rectangular-membrane-mse", "support-adaptive-readout", "two-layers-bias-learned",
    "zero-atan-max-membrane",
  ]

  /// Of options that the lanes layout lacks.
  static let inRowsAlone: Set = [
    "adaptive-refractory-learned", "delayed-one-to-one", "support-adaptive-readout",
  ]

  static func path(_ name: String) -> String {
    Bundle.module.bundleURL.appendingPathComponent("Golden/\(name).safetensors").path
  }

  static func file(_ name: String) throws -> CaseFile { try CaseFile(contentsOf: path(name)) }

  /// Those of this target and those from outside.
  static var allPaths: [String] { names.map(path) + SharedCases.paths }
}

extension SafetensorsFile {
  /// The same file with one tensor replaced, added, or removed where `tensor` is nil.
  func replacing(_ name: String, with tensor: Tensor?) throws -> SafetensorsFile {
    try SafetensorsFile(
      tensors.filter { $0.name != name } + (tensor.map { [$0] } ?? []), metadata: metadata)
  }

  /// The same file with one element of a float32 tensor changed.
  func changing(_ name: String, at index: Int, to value: Float) throws -> SafetensorsFile {
    let tensor = try tensor(named: name)
    var values = tensor.floats()
    values[index] = value
    return try replacing(name, with: Tensor(name, shape: tensor.shape, values))
  }

  /// The same file with another text of the case.
  func describing(_ text: String) -> SafetensorsFile {
    var copy = self
    copy.metadata = [CaseFile.metadataKey: text]
    return copy
  }

  /// The same file with a piece of the text of the case replaced.
  func describing(_ old: String, as new: String) -> SafetensorsFile {
    describing((metadata[CaseFile.metadataKey] ?? "").replacingOccurrences(of: old, with: new))
  }
}

/// A path in a directory of its own, which is removed afterwards.
func withTemporaryPath<Result>(_ body: (String) throws -> Result) throws -> Result {
  let url = FileManager.default.temporaryDirectory
    .appendingPathComponent("SpindleCrossCheckTests-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: url) }
  return try body(url.appendingPathComponent("case.safetensors").path)
}
