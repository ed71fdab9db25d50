import TestSupport
import Testing

@testable import SpindleFiles
@testable import SpindleTensors

/// A file that must be refused and the error it must give.
struct BadFile: CustomTestStringConvertible, Sendable {
  let bytes: [UInt8]
  let error: SafetensorsError
  var testDescription: String { error.description }

  init(_ bytes: [UInt8], _ error: SafetensorsError) {
    self.bytes = bytes
    self.error = error
  }

  init(_ header: String, data: Int = 0, _ error: SafetensorsError) {
    self.init(file(header, data: Array(repeating: 0, count: data)), error)
  }

  func check() {
    #expect(throws: error) { try SafetensorsFile(bytes: bytes) }
    #expect(!error.description.isEmpty)
  }
}

private func entry(
  _ name: String = "a", dtype: String = "U8", shape: String = "[]", offsets: String
) -> String {
  "\"\(name)\":{\"dtype\":\"\(dtype)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}"
}

private func syntax(_ byte: Int, _ expected: String, _ found: String) -> SafetensorsError {
  .headerSyntax(byte: byte, expected: expected, found: found)
}

private let integer = "an integer from 0 to 9223372036854775807"

@Suite("Errors of reading") struct ReadingErrorTests {
  @Test(
    "The frame",
    arguments: [
      BadFile([], .fileTooShort(byteCount: 0)),
      BadFile(Array(repeating: 0, count: 7), .fileTooShort(byteCount: 7)),
      BadFile(littleEndian(0), .headerNotObject(found: "the end")),
      BadFile(littleEndian(1), .headerBeyondFile(byteCount: 1, available: 0)),
      BadFile(littleEndian(100_000_000), .headerBeyondFile(byteCount: 100_000_000, available: 0)),
      BadFile(littleEndian(100_000_001), .headerTooLong(byteCount: 100_000_001)),
      BadFile(littleEndian(.max) + [0x7B], .headerTooLong(byteCount: .max)),
      BadFile(littleEndian(1 << 63), .headerTooLong(byteCount: 1 << 63)),
      BadFile("[]", .headerNotObject(found: "'['")),
      BadFile(" {}", .headerNotObject(found: "' '")),
      BadFile(file([0x7B, 0x22, 0xFF, 0x22, 0x7D]), .headerNotUTF8),
      // An encoded surrogate and an overlong slash are no UTF-8 either.
      BadFile(file([0x7B, 0xED, 0xA0, 0x80, 0x7D]), .headerNotUTF8),
      BadFile(file([0x7B, 0xC0, 0xAF, 0x7D]), .headerNotUTF8),
    ]) func frame(_ bad: BadFile)
  { bad.check() }

  @Test(
    "The JSON",
    arguments: [
      BadFile("{", syntax(1, "a string", "the end")),
      BadFile("{}x", syntax(2, "only spaces after the JSON", "'x'")),
      BadFile("{}\n", syntax(2, "only spaces after the JSON", "byte 10")),
      BadFile("{}{}", syntax(2, "only spaces after the JSON", "'{'")),
      BadFile("{\"a\"}", syntax(4, "':'", "'}'")),
      BadFile("{\"a\":{},}", syntax(7, "another key", "a comma before '}'")),
      BadFile("{\"__metadata__\":{},\n}", syntax(18, "another key", "a comma before '}'")),
      BadFile("{,}", syntax(1, "a string", "','")),
      BadFile("{'a':1}", syntax(1, "a string", "'''")),
      BadFile("{\"a\":1}", syntax(5, "'{'", "'1'")),
      BadFile("{\"a\":null}", syntax(5, "'{'", "'n'")),
      BadFile("{\"a\":[[[[", syntax(5, "'{'", "'['")),
      BadFile("{\"a\n\":{}}", syntax(3, "a character of a string or '\"'", "byte 10")),
      BadFile("{\"a", syntax(3, "a character of a string or '\"'", "the end")),
      BadFile("{\"\\x\"", syntax(3, "one of \"\\/bfnrtu after a backslash", "'x'")),
      BadFile("{\"\\", syntax(3, "one of \"\\/bfnrtu after a backslash", "the end")),
      BadFile("{\"\\u12G4\"", syntax(6, "a hexadecimal digit", "'G'")),
      BadFile("{\"\\u12", syntax(6, "a hexadecimal digit", "the end")),
      BadFile("{\"\\uD800\"", syntax(4, "a pair of surrogates", "a surrogate by itself")),
      BadFile("{\"\\uDC00\\uD800\"", syntax(4, "a pair of surrogates", "a surrogate by itself")),
      BadFile("{\"\\uD800\\n\"", syntax(4, "a pair of surrogates", "a surrogate by itself")),
      BadFile("{\"\\uD800\\u0041\"", syntax(4, "a pair of surrogates", "a surrogate by itself")),
    ]) func json(_ bad: BadFile)
  { bad.check() }

  @Test(
    "Keys",
    arguments: [
      BadFile(
        "{\(entry(offsets: "[0,1]")),\(entry(offsets: "[1,2]"))}", data: 2,
        syntax(52, "every key once", "\"a\" again")),
      // The same name once with an escape.
      BadFile(
        "{\(entry(offsets: "[0,1]")),\(entry("\\u0061", offsets: "[1,2]"))}", data: 2,
        syntax(52, "every key once", "\"a\" again")),
      BadFile(
        "{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\"}}",
        syntax(19, "every key once", "\"dtype\" again")),
      BadFile(
        "{\"a\":{\"shape\":[],\"shape\":[]}}", syntax(17, "every key once", "\"shape\" again")),
      BadFile(
        "{\"__metadata__\":{\"k\":\"\",\"k\":\"\"}}", syntax(24, "every key once", "\"k\" again")),
      BadFile(
        "{\"__metadata__\":{},\"__metadata__\":{}}",
        syntax(19, "every key once", "\"__metadata__\" again")),
      BadFile("{\"a\":{\"type\":\"U8\"}}", .unknownField(tensor: "a", field: "type")),
      BadFile("{\"a\":{}}", .missingField(tensor: "a", field: "dtype")),
      BadFile("{\"a\":{\"dtype\":\"U8\"}}", .missingField(tensor: "a", field: "shape")),
      BadFile(
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[]}}", .missingField(tensor: "a", field: "data_offsets")
      ),
      BadFile("{\"__metadata__\":{\"k\":1}}", syntax(21, "a string", "'1'")),
      BadFile("{\"__metadata__\":{\"k\":{}}}", syntax(21, "a string", "'{'")),
      BadFile("{\"__metadata__\":[]}", syntax(16, "'{'", "'['")),
      BadFile("{\"__metadata__\":nil}", syntax(16, "null", "another word")),
    ]) func keys(_ bad: BadFile)
  { bad.check() }

  @Test(
    "Types and numbers",
    arguments: [
      BadFile("{\"a\":{\"dtype\":1}}", syntax(14, "a string", "'1'")),
      BadFile("{\"a\":{\"shape\":[-1]}}", syntax(15, integer, "\"-1\"")),
      BadFile("{\"a\":{\"shape\":[1.5]}}", syntax(15, integer, "\"1.5\"")),
      BadFile("{\"a\":{\"shape\":[1e3]}}", syntax(15, integer, "\"1e3\"")),
      BadFile("{\"a\":{\"shape\":[01]}}", syntax(15, integer, "\"01\"")),
      BadFile("{\"a\":{\"shape\":[+1]}}", syntax(15, integer, "\"+1\"")),
      BadFile(
        "{\"a\":{\"shape\":[9223372036854775808]}}",
        syntax(15, integer, "\"9223372036854775808\"")),
      BadFile(
        "{\"a\":{\"shape\":[99999999999999999999999]}}",
        syntax(15, integer, "\"99999999999999999999999\"")),
      BadFile("{\"a\":{\"data_offsets\":[-1,0]}}", syntax(22, integer, "\"-1\"")),
      BadFile("{\"a\":{\"data_offsets\":[0,0.5]}}", syntax(24, integer, "\"0.5\"")),
      BadFile("{\"a\":{\"shape\":[true]}}", syntax(15, "an integer", "'t'")),
      BadFile("{\"a\":{\"shape\":[\"1\"]}}", syntax(15, "an integer", "'\"'")),
      BadFile("{\"a\":{\"shape\":[[1]]}}", syntax(15, "an integer", "'['")),
      BadFile("{\"a\":{\"shape\":[1,]}}", syntax(16, "another value", "a comma before ']'")),
      BadFile("{\"a\":{\"shape\":[1 2]}}", syntax(17, "',' or ']'", "'2'")),
      BadFile("{\"a\":{\"shape\":3}}", syntax(14, "'['", "'3'")),
      BadFile(
        "{\(entry(offsets: "[0]"))}", data: 1, .wrongOffsetCount(tensor: "a", found: 1)),
      BadFile(
        "{\(entry(offsets: "[0,1,2]"))}", data: 1, .wrongOffsetCount(tensor: "a", found: 3)),
    ]) func values(_ bad: BadFile)
  { bad.check() }

  @Test(
    "The layout of the data",
    arguments: [
      BadFile(
        "{\(entry(offsets: "[1,0]"))}", data: 1, .offsetsReversed(tensor: "a", begin: 1, end: 0)),
      BadFile(
        "{\(entry(offsets: "[0,1]"))}", .offsetsOutOfRange(tensor: "a", end: 1, available: 0)),
      BadFile(
        "{\(entry(offsets: "[0,9223372036854775807]"))}", data: 1,
        .offsetsOutOfRange(tensor: "a", end: .max, available: 1)),
      BadFile(
        "{\(entry(shape: "[4294967296,4294967296]", offsets: "[0,1]"))}", data: 1,
        .shapeOverflow(tensor: "a", shape: [1 << 32, 1 << 32])),
      BadFile(
        "{\(entry(dtype: "F32", shape: "[4611686018427387904]", offsets: "[0,0]"))}",
        .shapeOverflow(tensor: "a", shape: [1 << 62])),
      BadFile(
        "{\(entry(dtype: "F32", shape: "[2]", offsets: "[0,7]"))}", data: 7,
        .sizeMismatch(tensor: "a", expected: 8, found: 7)),
      BadFile(
        "{\(entry(shape: "[0]", offsets: "[0,1]"))}", data: 1,
        .sizeMismatch(tensor: "a", expected: 0, found: 1)),
      BadFile(
        "{\(entry(shape: "[2]", offsets: "[0,2]")),\(entry("b", shape: "[2]", offsets: "[1,3]"))}",
        data: 3, .overlap(tensor: "b", other: "a")),
      BadFile(
        "{\(entry(offsets: "[0,1]")),\(entry("b", offsets: "[0,1]"))}", data: 1,
        .overlap(tensor: "b", other: "a")),
      BadFile(
        "{\(entry(shape: "[2]", offsets: "[0,2]")),\(entry("b", shape: "[0]", offsets: "[1,1]"))}",
        data: 2, .overlap(tensor: "b", other: "a")),
      BadFile(
        "{\(entry(offsets: "[1,2]"))}", data: 2, .uncoveredBytes(begin: 0, end: 1)),
      BadFile(
        "{\(entry(offsets: "[0,1]")),\(entry("b", offsets: "[2,3]"))}", data: 3,
        .uncoveredBytes(begin: 1, end: 2)),
      BadFile("{\(entry(offsets: "[0,1]"))}", data: 2, .uncoveredBytes(begin: 1, end: 2)),
      BadFile("{}", data: 3, .uncoveredBytes(begin: 0, end: 3)),
    ]) func layout(_ bad: BadFile)
  { bad.check() }

  @Test("A path is named in the error") func paths() throws {
    try withTemporaryDirectory { directory throws in
      let missing = directory + "/missing"
      #expect(
        throws: SafetensorsError.file(FileError(path: missing, step: "open the file", code: 2))
      ) { try SafetensorsFile(contentsOf: missing) }
      #expect(
        throws: SafetensorsError.file(FileError(path: directory, step: "open the file", code: 21))
      ) { try SafetensorsFile(contentsOf: directory) }
      let short = directory + "/short"
      try AtomicFile.write([1, 2, 3], to: short)
      let error = SafetensorsError.inFile(path: short, .fileTooShort(byteCount: 3))
      #expect(throws: error) { try SafetensorsFile(contentsOf: short) }
      #expect(error.description.hasPrefix(short + ": expected at least 8 bytes"))
    }
  }

  @Test("A device and a path with a NUL are refused") func notFiles() {
    #expect(throws: SafetensorsError.self) { try SafetensorsFile(contentsOf: "/dev/zero") }
    #expect(throws: SafetensorsError.self) { try SafetensorsFile(contentsOf: "/etc/passwd\0x") }
  }
}
