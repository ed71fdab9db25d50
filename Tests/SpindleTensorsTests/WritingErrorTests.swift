import Testing

@testable import SpindleFiles
@testable import SpindleTensors

@Suite("Errors of making and writing") struct WritingErrorTests {
  @Test("A shape must fit the values") func shapes() {
    typealias Tensor = SafetensorsFile.Tensor
    #expect(throws: SafetensorsError.countMismatch(tensor: "a", shape: [2, 2], found: 3)) {
      try Tensor("a", shape: [2, 2], [1, 2, 3] as [Float])
    }
    #expect(throws: SafetensorsError.countMismatch(tensor: "a", shape: [], found: 0)) {
      try Tensor("a", shape: [], [] as [Int32])
    }
    #expect(throws: SafetensorsError.negativeDimension(tensor: "a", shape: [-1, -2])) {
      try Tensor("a", shape: [-1, -2], [1, 2] as [UInt8])
    }
    #expect(throws: SafetensorsError.shapeOverflow(tensor: "a", shape: [.max, 2, 0])) {
      try Tensor("a", shape: [.max, 2, 0], [] as [Float])
    }
  }

  @Test("Names are unique and not the metadata's") func names() throws {
    let tensor = try SafetensorsFile.Tensor("a", shape: [], [1 as Float])
    #expect(throws: SafetensorsError.duplicateTensor("a")) {
      try SafetensorsFile([tensor, tensor])
    }
    let reserved = try SafetensorsFile.Tensor("__metadata__", shape: [], [1 as Float])
    #expect(throws: SafetensorsError.reservedName) { try SafetensorsFile([reserved]) }
  }

  @Test("A missing tensor, and integers of a floating-point one") func access() throws {
    let sample = try sampleFile()
    #expect(throws: SafetensorsError.missingTensor("x")) { try sample.tensor(named: "x") }
    #expect(sample["x"] == nil)
    #expect(throws: SafetensorsError.notIntegers(tensor: "weight", type: .f32)) {
      try sample.tensor(named: "weight").integers()
    }
  }

  @Test("Types that are only read") func readOnly() throws {
    for type in [ScalarType.f16, .bf16, .i64] {
      let tensor = SafetensorsFile.Tensor(name: "a", type: type, shape: [0], bytes: [])
      #expect(throws: SafetensorsError.notWritable(tensor: "a", type: type)) {
        try SafetensorsFile([tensor]).encoded()
      }
      #expect(throws: SafetensorsError.notWritable(tensor: "a", type: type)) {
        try SafetensorsFile([tensor]).write(to: "/nowhere/at/all")
      }
    }
  }

  @Test("A header above the limit is not written") func longHeader() throws {
    let file = try SafetensorsFile([], metadata: ["": String(repeating: "x", count: 1000)])
    #expect(throws: SafetensorsError.headerTooLong(byteCount: 1024)) {
      try file.encoded(largestHeader: 1023)
    }
    #expect(try file.encoded(largestHeader: 1024) == file.encoded())
    #expect(SafetensorsFile.largestHeader == 100_000_000)
  }

  @Test("A file that cannot be written says why") func refused() throws {
    let path = "/nonexistent-directory/a.safetensors"
    #expect(
      throws: SafetensorsError.file(
        FileError(
          path: path, step: "create a file in the directory /nonexistent-directory", code: 2))
    ) { try sampleFile().write(to: path) }
  }

  @Test("Messages cut hostile names and escape control characters") func messages() {
    let name = "\u{1B}[31m\u{9B}" + String(repeating: "x", count: 1000)
    let text = SafetensorsError.missingTensor(name).description
    #expect(text.utf8.count < 200)
    #expect(!text.unicodeScalars.contains { $0.properties.generalCategory == .control })
    let shape = SafetensorsError.shapeOverflow(
      tensor: "", shape: Array(repeating: 1, count: 1000))
    #expect(shape.description.hasSuffix("[1, 1, 1, 1, 1, 1, 1, 1, … 1000 dimensions]"))
  }
}
