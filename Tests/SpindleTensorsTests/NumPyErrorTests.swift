import Testing

@testable import SpindleFiles
@testable import SpindleTensors

/// A .npy file that must be refused and the error it must give.
struct BadArray: CustomTestStringConvertible, Sendable {
  let bytes: [UInt8]
  let error: NumPyError
  var testDescription: String { error.description }

  init(_ bytes: [UInt8], _ error: NumPyError) {
    self.bytes = bytes
    self.error = error
  }

  init(_ header: String, data: [UInt8] = [], _ error: NumPyError) {
    self.init(array(header, data: data), error)
  }
}

private let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

private func array(_ header: String, data: [UInt8] = []) -> [UInt8] {
  magic + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8) + data
}

private func header(
  _ descr: String = "|u1", _ order: String = "False", _ shape: String = "()"
) -> String {
  "{'descr': '\(descr)', 'fortran_order': \(order), 'shape': \(shape), }\n"
}

private func syntax(_ position: Int, _ expected: String, _ found: String) -> NumPyError {
  .headerSyntax(position: position, expected: expected, found: found)
}

@Suite("NumPy arrays") struct NumPyErrorTests {
  @Test(
    "Errors",
    arguments: [
      BadArray([], .fileTooShort(byteCount: 0)),
      BadArray(Array(magic.prefix(3)), .fileTooShort(byteCount: 3)),
      BadArray(magic + [1], .fileTooShort(byteCount: 7)),
      BadArray(magic + [1, 0, 5], .fileTooShort(byteCount: 9)),
      BadArray(magic + [2, 0, 5, 0, 0], .fileTooShort(byteCount: 11)),
      BadArray(Array("PK".utf8), .wrongMagic),
      BadArray(magic + [4, 0, 0, 0], .unknownVersion(major: 4, minor: 0)),
      BadArray(magic + [1, 1, 0, 0], .unknownVersion(major: 1, minor: 1)),
      BadArray(magic + [1, 0, 2, 0, 0x7B], .headerBeyondFile(byteCount: 2, available: 1)),
      BadArray(
        magic + [3, 0, 255, 255, 255, 255], .headerBeyondFile(byteCount: 0xFFFF_FFFF, available: 0)),
      BadArray("", syntax(10, "'{'", "the end")),
      BadArray("{", syntax(11, "a string", "the end")),
      BadArray("{} x", syntax(13, "only space after the dictionary", "'x'")),
      BadArray("{,}", syntax(11, "a string", "','")),
      BadArray("{'a\\'", syntax(13, "plain ASCII or the end of the string", "'\\'")),
      BadArray("{}", .missingKey("descr")),
      BadArray("{'descr': '<f4'}", .missingKey("fortran_order")),
      BadArray("{'descr': '<f4', 'fortran_order': False}", .missingKey("shape")),
      BadArray("{'descr': '<f4', 'descr': '<f4'}", .duplicateKey("descr")),
      BadArray("{'descr': '<f4' 'shape': ()}", syntax(26, "',' or '}'", "'''")),
      BadArray("{'other': '<f4'}", .unknownKey("other")),
      BadArray(header("<f16"), .unknownType("<f16")),
      BadArray(header(">c8"), .unknownType(">c8")),
      BadArray(header("|f4"), .unknownType("|f4")),
      BadArray(header("f4"), .unknownType("f4")),
      BadArray(header(""), .unknownType("")),
      BadArray(
        header("<f4", "True", "(4611686018427387904, 2)"), .shapeOverflow([1 << 62, 2])),
      BadArray(header("<f4", "None"), syntax(44, "True or False", "'N'")),
      BadArray("{'shape': (3)}", syntax(22, "','", "')'")),
      BadArray("{'shape': 3}", syntax(20, "a tuple", "'3'")),
      BadArray("{'shape': (,)}", syntax(21, "an integer", "','")),
      BadArray("{'shape': (1 2)}", syntax(23, "','", "'2'")),
      BadArray("{'shape': (1,2", syntax(24, "',' or ')'", "the end")),
      BadArray("{'shape': (-1,)}", .invalidInteger(position: 21, found: "-1")),
      BadArray("{'shape': (3L,)}", .invalidInteger(position: 21, found: "3L")),
      BadArray(
        "{'shape': (9223372036854775808,)}",
        .invalidInteger(position: 21, found: "9223372036854775808")),
      BadArray(
        header("<f4", "False", "(4611686018427387904,)"), .shapeOverflow([1 << 62])),
      BadArray(header(), .sizeMismatch(expected: 1, found: 0)),
      BadArray(
        header("<f4", "False", "(2,)"), data: [0, 0, 0], .sizeMismatch(expected: 8, found: 3)),
      BadArray(header(), data: [1, 2], .sizeMismatch(expected: 1, found: 2)),
      BadArray(
        header("|b1", "False", "(2, 1)"), data: [1, 2], .invalidBoolean(index: 1, found: 2)),
    ]) func errors(_ bad: BadArray)
  {
    #expect(throws: bad.error) { try NumPyArray(bytes: bad.bytes) }
    #expect(!bad.error.description.isEmpty)
  }

  @Test("Other spellings of the dictionary") func spellings() throws {
    let text = "{ \"shape\" :( 2 ,) ,\"fortran_order\":False,\"descr\":\"|u1\"}"
    let read = try NumPyArray(bytes: array(text, data: [3, 4]))
    #expect(read.shape == [2])
    #expect(try read.integers() == [3, 4])
  }

  @Test("Integers of a floating-point array, and a missing file") func access() throws {
    let read = try NumPyArray(bytes: array(header("<f4"), data: [0, 0, 0, 0]))
    #expect(throws: NumPyError.notIntegers(.float32)) { try read.integers() }
    let error = FileError(path: "/nonexistent.npy", step: "open the file", code: 2)
    #expect(throws: NumPyError.file(error)) {
      try NumPyArray(contentsOf: "/nonexistent.npy")
    }
  }
}
