import TestSupport
import Testing

@testable import SpindleTensors

/// Every type that files of data have, in both formats.
@Suite("Types") struct TypeTests {
  /// Elements of a type, little-endian, and what they are as integers or, of floats, as numbers.
  struct Sample: CustomTestStringConvertible, Sendable {
    let scalar: ScalarType
    let descr: String?
    let bytes: [UInt8]
    let values: [Double]
    var testDescription: String { scalar.rawValue }
  }

  private static func integers<Value: FixedWidthInteger & BitwiseCopyable>(
    _ scalar: ScalarType, _ descr: String, _ values: [Value]
  ) -> Sample {
    Sample(
      scalar: scalar, descr: descr, bytes: rawBytes(of: values), values: values.map { Double($0) })
  }

  static let samples = [
    integers(.i8, "i1", [Int8.min, -1, 0, 1, 7, Int8.max]),
    integers(.i16, "i2", [Int16.min, -2, 0, 1, 257, Int16.max]),
    integers(.i32, "i4", [Int32.min, -2, 0, 1, 65537, Int32.max]),
    integers(.i64, "i8", [-(1 << 53), -2, 0, 1, 1 << 40, 1 << 53] as [Int64]),
    integers(.u8, "u1", [0, 1, 2, 3, 128, 255] as [UInt8]),
    integers(.u16, "u2", [0, 1, 2, 258, 32768, 65535] as [UInt16]),
    integers(.u32, "u4", [0, 1, 2, 65538, 1 << 31, UInt32.max]),
    integers(.u64, "u8", [0, 1, 2, 1 << 33, 1 << 50, 1 << 53] as [UInt64]),
    Sample(scalar: .bool, descr: "b1", bytes: [0, 1, 1, 0, 0, 1], values: [0, 1, 1, 0, 0, 1]),
    Sample(
      scalar: .f16, descr: "f2",
      bytes: rawBytes(of: [0, 0x3C00, 0xC000, 0x3555, 1, 0x7BFF] as [UInt16]),
      values: [0, 1, -2, 0x1.554p-2, 0x1p-24, 65504]),
    Sample(
      scalar: .bf16, descr: nil,
      bytes: rawBytes(of: [0, 0x3F80, 0xC000, 0x3EAB, 1, 0x4F80] as [UInt16]),
      values: [0, 1, -2, 0x1.56p-2, 0x1p-133, 0x1p32]),
    Sample(
      scalar: .f32, descr: "f4", bytes: rawBytes(of: [0, 1, -2, 0.1, 3, 1e9] as [Float]),
      values: [0, 1, -2, Double(Float(0.1)), 3, 1e9]),
    Sample(
      scalar: .f64, descr: "f8", bytes: rawBytes(of: [0, 1, -2, 0.1, 3, 1e9] as [Double]),
      values: [0, 1, -2, 0.1, 3, 1e9]),
  ]

  @Test("safetensors", arguments: samples) func safetensors(_ sample: Sample) throws {
    let bytes = file(
      "{\"a\":{\"dtype\":\"\(sample.scalar.rawValue)\",\"shape\":[2,3],"
        + "\"data_offsets\":[0,\(sample.bytes.count)]}}", data: sample.bytes)
    let tensor = try SafetensorsFile(bytes: bytes).tensor(named: "a")
    #expect(tensor.type == sample.scalar && tensor.count == 6)
    #expect(tensor.doubles() == sample.values)
    #expect(tensor.floats() == sample.values.map { Float($0) })
    if tensor.type.integers(from: []) != nil {
      #expect(try tensor.integers() == sample.values.map { Int($0) })
    } else {
      #expect(throws: SafetensorsError.self) { try tensor.integers() }
    }
  }

  /// The bytes of a .npy file of shape (2, 3).
  private func numpy(_ descr: String, fortran: Bool, _ data: [UInt8]) -> [UInt8] {
    let header =
      "{'descr': '\(descr)', 'fortran_order': \(fortran ? "True" : "False"), 'shape': (2, 3), }\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8)
      + data
  }

  @Test("NumPy, in both byte orders, in C and in Fortran order", arguments: samples)
  func numPy(_ sample: Sample) throws {
    guard let descr = sample.descr else { return }
    let size = sample.bytes.count / 6
    let elements = (0..<6).map { Array(sample.bytes[$0 * size..<($0 + 1) * size]) }
    for (order, isFortran) in [("<", false), (">", false), ("<", true), (">", true), ("|", false)] {
      guard order != "|" || size == 1 else { continue }
      // Element [i][j] of 2 rows and 3 columns is number i + 2 j of a file in Fortran order.
      let places = isFortran ? [0, 3, 1, 4, 2, 5] : Array(0..<6)
      let data = places.flatMap { order == ">" ? elements[$0].reversed() : elements[$0] }
      let array = try NumPyArray(bytes: numpy(order + descr, fortran: isFortran, data))
      #expect(array.shape == [2, 3] && array.doubles() == sample.values, "\(order) \(isFortran)")
      #expect(array.bytes == sample.bytes)
    }
  }

  @Test("Fortran order of more dimensions") func dimensions() throws {
    let shape = [2, 1, 3, 4]
    let values = (0..<24).map { Float($0) }
    var data = [Float](repeating: 0, count: 24)
    for index in 0..<24 {
      let (i, k, l) = (index / 12, index / 4 % 3, index % 4)
      data[i + 2 * (k + 3 * l)] = values[index]
    }
    let header = "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 1, 3, 4), }\n"
    let bytes: [UInt8] =
      [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8)
      + rawBytes(of: data)
    let array = try NumPyArray(bytes: bytes)
    #expect(array.shape == shape && array.floats() == values)
  }

  @Test("Integers beyond Int are refused as such") func largeIntegers() throws {
    let bytes = file(
      "{\"a\":{\"dtype\":\"U64\",\"shape\":[1],\"data_offsets\":[0,8]}}",
      data: rawBytes(of: [UInt64.max]))
    let tensor = try SafetensorsFile(bytes: bytes).tensor(named: "a")
    #expect(tensor.doubles() == [0x1p64])
    #expect(throws: SafetensorsError.self) { try tensor.integers() }
  }

  /// A type that is not read does no harm to the other tensors.
  @Test("Types that are not read", arguments: ["F8_E4M3", "f32", "C64", "F4", ""])
  func unread(type: String) throws {
    let bytes = file(
      "{\"x\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},"
        + "\"mask\":{\"dtype\":\"\(type)\",\"shape\":[3],\"data_offsets\":[2,5]}}",
      data: [7, 8, 1, 2, 3])
    let file = try SafetensorsFile(bytes: bytes)
    #expect(try file.tensor(named: "x").integers() == [7, 8])
    #expect(file.tensors.count == 1 && file["mask"] == nil)
    #expect(file.unread == [.init(name: "mask", type: type, shape: [3])])
    #expect(throws: SafetensorsError.unknownType(tensor: "mask", found: type)) {
      try file.tensor(named: "mask")
    }
    // Its bytes are still its own.
    #expect(throws: SafetensorsError.uncoveredBytes(begin: 5, end: 6)) {
      try SafetensorsFile(bytes: bytes + [0])
    }
  }
}
