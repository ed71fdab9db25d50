import Testing

@testable import SpindleFiles
@testable import SpindleTensors

/// Arrays as NumPy writes them.
@Suite("Writing .npy") struct NumPyWritingTests {
  @Test("The bytes of NumPy's own file") func bytes() throws {
    let file = try readFile(golden("f4.npy"))
    #expect(try NumPyArray(bytes: file).encoded() == file)
  }

  @Test("What was read", arguments: ["f4.npy", "i4.npy"]) func again(name: String) throws {
    let array = try NumPyArray(contentsOf: golden(name))
    let again =
      array.type == .float32
      ? try NumPyArray(shape: array.shape, array.floats())
      : try NumPyArray(shape: array.shape, array.integers().map { Int32($0) })
    #expect(again == array)
  }

  @Test("Any shape", arguments: [[], [7], [0, 3], [1, 2, 3], Array(repeating: 1, count: 40)])
  func shapes(shape: [Int]) throws {
    let values = (0..<shape.reduce(1, *)).map { Float($0) / 3 }
    let array = try NumPyArray(shape: shape, values)
    let bytes = array.encoded()
    #expect((bytes.count - 4 * values.count) % 64 == 0)
    #expect(try NumPyArray(bytes: bytes) == array)
  }

  @Test("Shapes that do not fit") func errors() {
    #expect(throws: NumPyError.self) { try NumPyArray(shape: [2], [1 as Float]) }
    #expect(throws: NumPyError.self) { try NumPyArray(shape: [-1], [] as [Float]) }
    #expect(throws: NumPyError.self) { try NumPyArray(shape: [Int.max, 2], [1 as Int32]) }
  }
}
