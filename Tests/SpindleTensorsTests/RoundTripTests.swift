import TestSupport
import Testing

@testable import SpindleTensors

@Suite("Round trips") struct RoundTripTests {
  @Test("What was encoded is read back") func bytes() throws {
    let original = try sampleFile()
    let copy = try SafetensorsFile(bytes: original.encoded())
    #expect(copy.metadata == original.metadata)
    #expect(copy.tensors.count == original.tensors.count)
    for tensor in original.tensors { #expect(copy[tensor.name] == tensor) }
    #expect(copy["weight"]?.floats() == [0, 0, 1.5, -.infinity, .leastNonzeroMagnitude, 3])
    #expect(try copy.tensor(named: "label").integers() == [-2_147_483_648, 0, 2_147_483_647])
    #expect(try copy.encoded() == original.encoded(), "encoding is not deterministic")
  }

  @Test("What was written to a file is read back") func path() throws {
    let original = try sampleFile()
    try withTemporaryDirectory { directory throws in
      let path = directory + "/sample.safetensors"
      try original.write(to: path)
      #expect(try contents(path) == original.encoded())
      #expect(try SafetensorsFile(contentsOf: path).encoded() == original.encoded())
    }
  }

  @Test("A file without tensors and metadata") func empty() throws {
    let bytes = try SafetensorsFile([]).encoded()
    #expect(bytes == file("{}      "))
    #expect(try SafetensorsFile(bytes: bytes) == SafetensorsFile([]))
  }

  @Test("The data begin at a multiple of 8 and larger alignments come first")
  func alignment() throws {
    for length in 0..<16 {
      let name = String(repeating: "x", count: length)
      let file = try SafetensorsFile([
        .init(name, shape: [1], [1] as [UInt8]), .init("float", shape: [1], [1 as Float]),
      ])
      let header = try Header(of: file.encoded())
      #expect(header.dataStart % 8 == 0, "name of \(length) bytes")
      #expect(header.entries.map(\.type) == [.f32, .u8])
    }
  }

  @Test("Every binary16 is converted as Float16 has it") func halves() {
    #if !(os(macOS) && arch(x86_64))
      for bits in UInt16.min...UInt16.max {
        let (expected, found) = (Float(Float16(bitPattern: bits)), floatFromHalf(bits))
        let isSame =
          expected.isNaN ? found.isNaN : expected.bitPattern == found.bitPattern
        if !isSame { Issue.record("binary16 \(bits): expected \(expected), found \(found)") }
      }
    #endif
  }

  @Test("F64 and I64 are rounded to the nearest Float") func rounding() {
    let doubles: [Double] = [0.1, 1e300, -1e300, 1 + 0x1p-24, 1 + 0x1.8p-23]
    let rounded: [Float] = [0.1, .infinity, -.infinity, 1, 1 + 0x1p-22]
    #expect(ScalarType.f64.floats(from: rawBytes(of: doubles)) == rounded)
    let longs: [Int64] = [.max, .min, (1 << 24) + 1]
    let powers: [Float] = [0x1p63, -0x1p63, 0x1p24]
    #expect(ScalarType.i64.floats(from: rawBytes(of: longs)) == powers)
  }
}
