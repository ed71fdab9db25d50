import Foundation
import TestSupport
import Testing

@testable import SpindleTensors

/// Files of the reference implementations; Scripts/make_safetensors_golden.py made them.
@Suite("Golden files") struct GoldenTests {
  @Test("Every readable type, as PyPI safetensors wrote it") func readable() throws {
    let file = try SafetensorsFile(contentsOf: golden("readable.safetensors"))
    #expect(
      file.metadata == ["format": "pt", "note": "line\n\"quote\" \\ é \u{1F9F5} \u{1}"])
    #expect(
      Set(file.tensors.map(\.name)) == [
        "float", "double", "half", "brain", "int", "long", "byte", "scalar", "empty",
        "näme \"quoted\" \\ \n \u{1F9F5}",
      ])

    let float = try file.tensor(named: "float")
    #expect(float.type == .f32 && float.shape == [2, 3] && float.count == 6)
    #expect(
      float.floats().dropLast() == [0, 0, 1.5, .leastNonzeroMagnitude, -.infinity])
    #expect(float.floats()[1].sign == .minus && float.floats()[5].isNaN)

    let double = try file.tensor(named: "double")
    #expect(double.doubles() == [0.1, -1e300, 0x1p-1074])
    #expect(double.floats() == [0.1, -.infinity, 0])

    let half = try file.tensor(named: "half").floats()
    let numbers: [Float] = [0, 0, 1, -1.5, 0x1p-24, 1023 * 0x1p-24, 0x1p-14, 65504, .infinity]
    #expect(Array(half.dropLast()) == numbers)
    #expect(half[1].sign == .minus && half[9].isNaN)
    let brain = try file.tensor(named: "brain")
    #expect(brain.type == .bf16)
    #expect(brain.floats() == [0, -1, 3.140625, 0x1p-133, .infinity])
    #expect(brain.doubles() == [0, -1, 3.140625, 0x1p-133, .infinity])
  }

  @Test("The integers, scalars and empty tensors of PyPI safetensors") func integers() throws {
    let file = try SafetensorsFile(contentsOf: golden("readable.safetensors"))
    let int = try file.tensor(named: "int")
    #expect(int.shape == [2, 1])
    #expect(try int.integers() == [-2_147_483_648, 2_147_483_647])
    #expect(int.floats() == [-0x1p31, 0x1p31])
    let long = try file.tensor(named: "long")
    #expect(try long.integers() == [Int.min, Int.max, (1 << 53) + 1])
    #expect(long.doubles() == [-0x1p63, 0x1p63, 0x1p53])
    let byte = try file.tensor(named: "byte")
    #expect(try byte.integers() == [0, 127, 255])
    #expect(byte.floats() == [0, 127, 255] && byte.doubles() == [0, 127, 255])
    let scalar = try file.tensor(named: "scalar")
    #expect(scalar.shape == [] && scalar.floats() == [42])
    let empty = try file.tensor(named: "empty")
    #expect(empty.shape == [0, 3] && empty.floats() == [])
  }

  @Test("What we write is what PyPI safetensors writes, byte by byte") func writable() throws {
    let file = try SafetensorsFile(
      [
        .init("a", shape: [3], [1, 2, 3] as [UInt8]),
        .init("b", shape: [2], [-1, 5] as [Int32]),
        .init("ä", shape: [1, 2], [0.5, -0.25] as [Float]),
        .init("z", shape: [], [3 as Float]),
        .init("0", shape: [2, 0], [] as [Float]),
      ], metadata: ["key": "a/\"b\"\\\t\u{1F} é"])
    let expected = try contents(golden("writable.safetensors"))
    #expect(
      String(decoding: try file.encoded(), as: UTF8.self)
        == String(decoding: expected, as: UTF8.self))
    #expect(try file.encoded() == expected)
  }

  @Test("Every NumPy type and version") func numPy() throws {
    func array(_ name: String) throws -> NumPyArray {
      try NumPyArray(contentsOf: golden("\(name).npy"))
    }
    let f4 = try array("f4")
    #expect(f4.type == .float32 && f4.shape == [1, 3] && f4.floats() == [1.5, -2, 0.25])
    let f8 = try array("f8")
    #expect(f8.shape == [2] && f8.doubles() == [0.1, -1e300] && f8.floats() == [0.1, -.infinity])
    let i4 = try array("i4")
    #expect(i4.shape == [1, 2, 1])
    #expect(try i4.integers() == [-1, 2_147_483_647])
    let i8 = try array("i8")
    #expect(i8.shape == [] && i8.count == 1)
    #expect(try i8.integers() == [Int.min])
    #expect(try array("u1").integers() == [0, 255])
    #expect(try array("b1").type == .bool)
    #expect(try array("b1").floats() == [1, 0])
    #expect(try array("empty").shape == [0, 4])
  }

  @Test("Fortran order and big-endian numbers") func ordersOfNumPy() throws {
    let fortran = try NumPyArray(contentsOf: golden("fortran.npy"))
    #expect(fortran.shape == [2, 3] && fortran.floats() == [1, 0, 0, 0, 1, 0])
    let big = try NumPyArray(contentsOf: golden("big.npy"))
    #expect(big.type == .float32 && big.floats() == [1])
  }

  @Test("NumPy files that are refused") func refusedNumPy() throws {
    let path = try golden("record.npy")
    let error = NumPyError.structured(fields: ["x"])
    #expect(throws: NumPyError.inFile(path: path, error)) { try NumPyArray(contentsOf: path) }
  }

  @Test("Structured arrays of NumPy") func records() throws {
    let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: golden("record.npy"))))
    #expect(NumPyRecords.isContent(bytes))
    let records = try NumPyRecords(bytes: bytes)
    #expect(records.count == 1 && records.names == ["x"])
    #expect(try records.field("x").floats() == [0])
    #expect(throws: NumPyError.missingField("y", known: ["x"])) { try records.field("y") }
    let plain = try [UInt8](Data(contentsOf: URL(fileURLWithPath: golden("f4.npy"))))
    #expect(!NumPyRecords.isContent(plain))
    #expect(throws: NumPyError.notRecords(shape: [1, 3])) { try NumPyRecords(bytes: plain) }
    #expect(throws: NumPyError.sizeMismatch(expected: 4, found: 3)) {
      try NumPyRecords(bytes: Array(bytes.dropLast()))
    }
  }
}
