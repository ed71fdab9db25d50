import Foundation
import Spindle
import SpindleTensors

@testable import SpindleJob

/// A folder of a test's own, removed when the test is done with it.
final class Folder: Sendable {
  private let folder: String

  init() throws {
    folder =
      FileManager.default.temporaryDirectory.path + "/spindle-job-test-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func path(_ name: String) -> String { folder + "/" + name }

  /// A file of analog samples [count, 4, 3] of two classes that differ in their mean.
  func samples(count: Int, shift: Float) throws -> String {
    let path = path("samples-\(count).safetensors")
    let labels = (0..<count).map { Int32($0 % 2) }
    let values = (0..<(count * 12)).map { index -> Float in
      let wobble = Float(index * 37 % 101) / 101
      return shift + wobble + Float(labels[index / 12]) + Float(index % 3)
    }
    try SafetensorsFile([
      .init("input", shape: [count, 4, 3], values), .init("target", shape: [count], labels),
    ]).write(to: path)
    return path
  }

  /// A configuration for such a file.
  func configuration(file: String, transforms: String = "[]") -> String {
    """
    {
      "network": {"layers": [{"kind": "lif", "neurons": 20}, {"kind": "li", "neurons": 2}]},
      "data": {
        "file": "\(file)", "input": "input", "target": "target", "transforms": \(transforms),
        "class_names": ["low", "high, or so"]
      },
      "loss": "max_membrane_cross_entropy",
      "optimizer": {"kind": "adam", "learning_rate": 0.01},
      "training": {"epochs": 5, "batch": 8},
      "checkpoint": {"path": "\(path("run.safetensors"))"}
    }
    """
  }
}

extension Checkpoint {
  /// Whether another run has the same bits.
  func sameBits(_ other: Checkpoint) throws -> Bool {
    let folder = try Folder()
    func tensors(_ checkpoint: Checkpoint, _ name: String) throws -> [SafetensorsFile.Tensor] {
      try checkpoint.write(to: folder.path(name))
      // Wall times differ from run to run.
      return try SafetensorsFile(contentsOf: folder.path(name)).tensors.filter {
        $0.name != "history.seconds"
      }
    }
    return try tensors(self, "one") == tensors(other, "other")
  }
}
