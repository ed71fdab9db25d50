import Foundation
import Testing

@testable import SpindleTensors

/// The bytes of a file with this header, unpadded, and this data.
func file(_ header: String, data: [UInt8] = []) -> [UInt8] {
  file(Array(header.utf8), data: data)
}

func file(_ header: [UInt8], data: [UInt8] = []) -> [UInt8] {
  littleEndian(UInt64(header.count)) + header + data
}

func littleEndian(_ value: UInt64) -> [UInt8] {
  (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}

/// The path of a golden file, or of their directory.
func golden(_ name: String) throws -> String {
  let directory = try #require(Bundle.module.url(forResource: "Golden", withExtension: nil))
  return directory.appendingPathComponent(name).path
}

/// A file with every writable type, an empty tensor, a scalar and metadata.
func sampleFile() throws -> SafetensorsFile {
  try SafetensorsFile(
    [
      .init("weight", shape: [2, 3], [0, -0.0, 1.5, -.infinity, .leastNonzeroMagnitude, 3]),
      .init("scalar", shape: [], [7 as Float]),
      .init("label", shape: [3], [Int32.min, 0, Int32.max]),
      .init("empty", shape: [0, 4], [] as [Int32]),
      .init("mask", shape: [5, 1], [0, 1, 2, 254, 255] as [UInt8]),
      .init("ä \"\\\n\u{1}🧵", shape: [1], [9] as [UInt8]),
    ],
    metadata: ["spindle.case": "{\"a\": 1}\n", "": "", "é🧵": "\u{1F}\u{7F}"])
}
