import TestSupport
import Testing

@testable import SpindleTensors

/// Random changes to valid files: none may crash the readers, and what is read must be sound.
@Suite("Mutations") struct FuzzTests {
  @Test("safetensors") func safetensors() throws {
    let seeds = [
      try contents(golden("readable.safetensors")), try contents(golden("writable.safetensors")),
      try sampleFile().encoded(), try SafetensorsFile([]).encoded(),
      file(
        #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"# + "\"\\ud83e\\uddf5\":"
          + #"{"dtype":"I64","shape":[1,0],"data_offsets":[2,2]},"__metadata__":{"k":"v"}}"#,
        data: [1, 2]),
    ]
    let words = [
      "{", "}", "[", "]", ",", ":", "\"", "\\", "\\ud800", "\\udc00", "\\u0000", "-1", "0", "1e9",
      "9223372036854775807", "9223372036854775808", "4294967296", "\"F32\"", "\"BF16\"", "null",
      "\"dtype\":", "\"shape\":", "\"data_offsets\":", "\"__metadata__\":{}", "[0,0]", " ", "é",
    ]
    try Fuzz().run("safetensors", seeds, words: words) { bytes in
      let parsed: SafetensorsFile
      do throws(SafetensorsError) {
        parsed = try SafetensorsFile(bytes: bytes)
      } catch {
        guard !error.description.isEmpty else { throw Unsound(what: "an error without a text") }
        return false
      }
      try check(parsed, dataByteCount: bytes.count - Header(of: bytes).dataStart)
      return true
    }
  }

  @Test("NumPy") func numPy() throws {
    let names = ["f4", "f8", "i4", "i8", "u1", "b1", "empty", "fortran", "big", "record"]
    let seeds = try names.map { try contents(golden("\($0).npy")) }
    let words = [
      "{", "}", "(", ")", ",", ":", "'", "\"", "\\", "True", "False", "'<f8'", "'|b1'", "-1", "0",
      "9223372036854775808", "4294967296", "'shape':", "'descr':", "'fortran_order':", " ", "\n",
    ]
    try Fuzz().run("NumPy", seeds, words: words) { bytes in
      let parsed: NumPyArray
      do throws(NumPyError) {
        parsed = try NumPyArray(bytes: bytes)
      } catch {
        guard !error.description.isEmpty else { throw Unsound(what: "an error without a text") }
        return false
      }
      let count = elementCount(of: parsed.shape)
      guard count == parsed.count, count == parsed.floats().count,
        count == parsed.doubles().count
      else { throw Unsound(what: "the number of elements") }
      return true
    }
  }

  private func check(_ file: SafetensorsFile, dataByteCount: Int) throws {
    guard Set(file.tensors.map(\.name)).count == file.tensors.count else {
      throw Unsound(what: "a name comes twice")
    }
    let bytes = file.tensors.reduce(0) { $0 + $1.bytes.count }
    guard bytes == dataByteCount || !file.unread.isEmpty && bytes < dataByteCount else {
      throw Unsound(what: "the data are not covered")
    }
    for tensor in file.tensors {
      let count = elementCount(of: tensor.shape)
      guard count == tensor.count, tensor.count * tensor.type.byteCount == tensor.bytes.count,
        count == tensor.floats().count, count == tensor.doubles().count
      else { throw Unsound(what: "the number of elements of \(tensor.name)") }
    }
    guard file.unread.isEmpty, file.tensors.allSatisfy(\.type.isWritable) else { return }
    let copy = try SafetensorsFile(bytes: file.encoded())
    guard try copy.metadata == file.metadata && copy.encoded() == file.encoded() else {
      throw Unsound(what: "writing and reading again changes the file")
    }
  }
}
