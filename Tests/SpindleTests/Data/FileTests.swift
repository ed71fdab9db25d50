import Foundation
import SpindleTensors
import TestSupport
import Testing

@testable import Spindle

/// Data from files, right and wrong.
struct FileTests {
  /// A .npy file, version 1.0, as NumPy writes it.
  private func numpy(_ descr: String, _ shape: [Int], _ data: [UInt8]) -> [UInt8] {
    let sizes = shape.map { "\($0)," }.joined(separator: " ")
    var header = "{'descr': '\(descr)', 'fortran_order': False, 'shape': (\(sizes)), }"
    while (10 + header.utf8.count + 1) % 64 != 0 { header += " " }
    header += "\n"
    let length = UInt16(header.utf8.count)
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 255), UInt8(length >> 8)]
      + Array(header.utf8) + data
  }

  private func bytes<Value>(_ values: [Value]) -> [UInt8] {
    unsafe values.withUnsafeBytes { unsafe [UInt8]($0) }
  }

  private func with(_ name: String, _ bytes: [UInt8], _ body: (String) throws -> Void) throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/" + name
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      try body(path)
    }
  }

  @Test func numpyOfEachType() throws {
    let files: [(String, [UInt8])] = [
      ("|u1", [0, 1, 2, 3, 4, 255]), ("<i4", bytes([0, 1, 2, 3, 4, 255] as [Int32])),
      ("<i8", bytes([0, 1, 2, 3, 4, 255] as [Int64])),
      ("<f4", bytes([0, 1, 2, 3, 4, 255] as [Float])),
      ("<f8", bytes([0, 1, 2, 3, 4, 255] as [Double])),
    ]
    for (type, data) in files {
      try with("a.npy", numpy(type, [3, 2], data)) { path in
        let array = try NumericArray(contentsOf: path)
        #expect(array.shape == [3, 2])
        let dataset = try Dataset(array)
        #expect(dataset.shape == [3, 1, 2])
        #expect(dataset.values == [0, 1, 2, 3, 4, 255], "\(type)")
        #expect(try array.integers() == [0, 1, 2, 3, 4, 255], "\(type)")
        #expect(try Dataset(recording: array, steps: 3).count == 1)
      }
    }
    try with("b.npy", numpy("|b1", [1, 2, 2], [0, 1, 1, 0])) { path in
      let dataset = try Dataset(NumericArray(contentsOf: path))
      #expect(dataset.shape == [1, 2, 2] && dataset.isSpiking)
    }
  }

  @Test func safetensorsByName() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/data.safetensors"
      try SafetensorsFile([
        .init("x", shape: [2, 3, 1], [0, 0.5, 1, 2, 3, 4] as [Float]),
        .init("y", shape: [2], [1, 0] as [Int32]),
        .init("rates", shape: [2, 2], [0, 1, 1, 0] as [UInt8]),
      ]).write(to: path)
      let labels = try ClassLabels(
        NumericArray(contentsOf: path, tensor: "y"), names: ["no", "yes", "perhaps"])
      let dataset = try Dataset(
        NumericArray(contentsOf: path, tensor: "x"), targets: .classes(labels))
      #expect(dataset.values == [0, 0.5, 1, 2, 3, 4])
      #expect(dataset.labels?.labels == [1, 0] && dataset.labels?.classCount == 3)
      let rates = try Tensor(NumericArray(contentsOf: path, tensor: "rates"))
      #expect(rates.shape == [2, 2] && rates.values == [0, 1, 1, 0])
      expectError(#"there is no tensor "z"; it holds "x", "y", "rates""#) {
        _ = try NumericArray(contentsOf: path, tensor: "z")
      }
      expectError(#"name one of its tensors; it holds "x", "y", "rates""#) {
        _ = try NumericArray(contentsOf: path)
      }
      expectError("expected labels of shape [count], found [2, 2]") {
        _ = try ClassLabels(NumericArray(contentsOf: path, tensor: "rates"))
      }
      expectError("must be an integer, got 0.5") {
        _ = try NumericArray(contentsOf: path, tensor: "x").integers()
      }
      expectError("[count, steps, units] or [count, units], found [2]") {
        _ = try Dataset(NumericArray(contentsOf: path, tensor: "y"))
      }
      let whole = try Data(contentsOf: URL(fileURLWithPath: path))
      for length in [0, 5, 100, whole.count - 1] {
        try whole.prefix(length).write(to: URL(fileURLWithPath: path))
        expectError("data.safetensors: expected") {
          _ = try NumericArray(contentsOf: path, tensor: "x")
        }
      }
    }
  }

  @Test func tables() throws {
    let text = "\u{FEFF}a, \"b, \"\"c\"\"\",label\r\n0.5,-1e-3,1\n 2 ,\"3\",\t0\n"
    try with("t.csv", Array(text.utf8)) { path in
      let table = try NumericArray(contentsOf: path)
      #expect(table.shape == [2, 3])
      #expect(table.columnNames == ["a", "b, \"c\"", "label"])
      #expect(try table.doubles() == [0.5, -1e-3, 1, 2, 3, 0])
      let chosen = try NumericArray(contentsOf: path, columns: ["b, \"c\"", "a"])
      #expect(chosen.shape == [2, 2])
      #expect(try chosen.floats() == [-1e-3, 0.5, 3, 2])
      let labels = try ClassLabels(NumericArray(contentsOf: path, columns: ["label"]))
      #expect(labels.labels == [1, 0])
      expectError(#"there is no column "d"; it has "a", "b, \"c\"", "label""#) {
        _ = try NumericArray(contentsOf: path, columns: ["a", "d"])
      }
      expectError("expected a multiple of 3 rows") {
        _ = try Dataset(recording: table, steps: 3)
      }
    }
    try with("n.csv", Array("1,2\n3,4\n5,6\n7,8".utf8)) { path in
      let table = try NumericArray(contentsOf: path)
      #expect(table.columnNames == nil)
      let dataset = try Dataset(recording: table, steps: 2)
      #expect(dataset.shape == [2, 2, 2])
      #expect(dataset[1] == [5, 6, 7, 8])
      expectError("its first line is not a header") {
        _ = try NumericArray(contentsOf: path, columns: ["x"])
      }
    }
  }

  @Test(
    arguments: [
      ("", "it holds no line of numbers"), ("a,b\n", "it holds no line of numbers"),
      ("1,2\n3,x\n", #"line 2: expected a finite number in column 2, found "x""#),
      ("a\n1\nnan\n", #"line 3: expected a finite number in column 1, found "nan""#),
      ("1,2\n3,inf\n", "line 2: expected a finite number in column 2"),
      ("1,2\n3,\n", "line 2: expected a finite number in column 2, found nothing"),
      ("1,2\n\n3,4\n", "line 2: expected 2 fields, found 1"),
      ("1,2\n3,4,5\n", "line 2: expected 2 fields, found 3"),
      ("1,b\n3,4\n", #"line 1: expected a finite number in column 2, found "b""#),
      ("1,\"2\n\"", "line 1: expected a quotation mark at the end of a field"),
      ("1,\"2\"\"", "line 1: expected a quotation mark at the end of a field"),
      ("1,\"2\"3\n", "line 1: expected a comma behind a field in quotation marks"),
      ("1;2\n3;4\n", "line 1: expected commas between the fields, found semicolons"),
      ("a;b\n3;4\n", "line 2: expected commas between the fields, found semicolons"),
      ("0,5;1,5\n", "line 1: expected commas between the fields, found semicolons"),
      ("1\t2\t3\n", "line 1: expected commas between the fields, found tabs"),
      ("a\tb\n1\t2\n", "line 2: expected commas between the fields, found tabs"),
      ("1 2  3\n4 5 6\n", "line 1: expected commas between the fields, found blanks"),
      ("1,2\n3 4,5\n", "line 2: expected commas between the fields, found blanks"),
      ("\n\n", "it holds no line of numbers"), ("a,b\n\n \r\n", "it holds no line of numbers"),
      ("\n1\n", "line 1: expected a finite number in column 1, found nothing"),
    ])
  func brokenTables(text: String, words: String) throws {
    try with("t.csv", Array(text.utf8)) { path in
      expectError("t.csv: " + words) { _ = try NumericArray(contentsOf: path) }
    }
  }

  @Test func emptyLinesAtTheEndAreNone() throws {
    for end in ["", "\n", "\n\n", "\r\n\r\n", "\n \t\n\n", "\n  "] {
      try with("t.csv", Array("1\n0\n2\(end)".utf8)) { path in
        let values = try NumericArray(contentsOf: path).doubles()
        #expect(values == [1, 0, 2])
      }
      try with("t.csv", Array("x,y\n1,2\n3,4\(end)".utf8)) { path in
        let array = try NumericArray(contentsOf: path)
        #expect(array.shape == [2, 2])
      }
    }
  }

  /// A first line that numbers the columns is a header where it cannot be numbers like the others.
  @Test func numberedColumns() throws {
    let files: [(String, Bool?, [Int], NumericArray.Numbering?)] = [
      ("0,1,2,3\n5,6,7,8\n", nil, [1, 4], .header),
      ("0,1,2,3\n5,6,7,8\n", false, [2, 4], nil),
      ("0,1\n1,0\n", nil, [2, 2], .numbers), ("0,1\n1,0\n", true, [1, 2], nil),
      ("0,1\n0.5,1\n", nil, [1, 2], .header), ("0,1\n1,0.5\n0.25,1e-3\n", nil, [2, 2], .header),
      ("0\n0\n1\n", nil, [3, 1], .numbers), ("0\n0.5\n0.0\n", nil, [2, 1], .header),
      ("1,2,3\n4,5,6\n", nil, [2, 3], nil), ("1,2,3\n4,5,6\n", true, [1, 3], nil),
      ("0,1,2\n", nil, [1, 3], .numbers), ("0.0,1.0,2.0\n4,5,6\n", nil, [2, 3], nil),
    ]
    for (text, header, shape, numbering) in files {
      try with("t.csv", Array(text.utf8)) { path in
        let array = try NumericArray(contentsOf: path, header: header)
        #expect(array.shape == shape && array.numbering == numbering, "\(text)")
        #expect((array.columnNames != nil) == (numbering == .header || header == true), "\(text)")
        if numbering == .numbers, shape[0] > 1 {
          #expect(array.takingHeader().shape == [shape[0] - 1, shape[1]])
        }
      }
    }
    try with("t.csv", Array("a,b\n1,2\n".utf8)) { path in
      expectError(#"line 1: expected a finite number in column 1, found "a""#) {
        _ = try NumericArray(contentsOf: path, header: false)
      }
    }
  }

  @Test func eventsOfOneArray() throws {
    let window = EventWindow(timeStep: 0.001, steps: 4, units: 2)
    let expected: [Float] = [0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1]
    let rows: [Double] = [0, 0.001, 1, 1, 0, 0, 1, 0.0035, 1]
    for (descr, data) in [("<f8", bytes(rows)), ("<f4", bytes(rows.map { Float($0) }))] {
      try with("e.npy", numpy(descr, [3, 3], data)) { path in
        let events = try EventTable(contentsOf: path)
        #expect(events.precision == (descr == "<f4" ? .float32 : .float64))
        #expect(try Dataset.binning(events, into: window).dataset.values == expected)
      }
    }
    try with("e.npy", numpy("<f8", [9], bytes(rows))) { path in
      expectError("e.npy: expected events of shape [events, 3], each its sample, time and unit") {
        _ = try EventTable(contentsOf: path)
      }
    }
    try with("e.npy", numpy("<f8", [1, 3], bytes([0.5, 0, 0] as [Double]))) { path in
      expectError("e.npy: event 0: expected an integer from 0 on in column sample, found 0.5") {
        _ = try EventTable(contentsOf: path)
      }
    }
    expectError("e.txt: expected events in a file that ends in .csv, .npy or .safetensors") {
      _ = try EventTable(contentsOf: "e.txt")
    }
    try with("e.csv", Array("0,1,2\n0,0.001,1\n1,0.0,0\n".utf8)) { path in
      let events = try EventTable(contentsOf: path)
      #expect(events.samples == [0, 1])
      #expect(try EventTable(contentsOf: path, header: false).samples == [0, 0, 1])
    }
  }

  @Test func theNumberOfSamplesOfEvents() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/e.safetensors"
      func write(_ counts: [Int32]) throws {
        try SafetensorsFile([
          .init("sample", shape: [2], [0, 1] as [Int32]),
          .init("time", shape: [2], [0, 0.001] as [Float]),
          .init("unit", shape: [2], [0, 1] as [Int32]),
          .init("samples", shape: counts.count == 1 ? [] : [counts.count], counts),
        ]).write(to: path)
      }
      try write([7])
      let window = EventWindow(timeStep: 0.001, steps: 4, units: 2)
      let events = try EventTable(contentsOf: path)
      #expect(events.sampleCount == 7 && events.precision == .float32)
      #expect(try Dataset.binning(events, into: window).dataset.count == 7)
      for counts in [[0], [-3], [1, 2]] as [[Int32]] {
        try write(counts)
        expectError("expected one integer from 1 on in the tensor \"samples\"") {
          _ = try EventTable(contentsOf: path)
        }
      }
      // As many as there are targets, where they are numbers too.
      try write([7])
      let table = try EventTable(samples: [0], times: [0], units: [0])
      let targets = Targets.values(
        try Tensor(shape: [3, 4, 1], values: [Float](repeating: 0, count: 12)))
      #expect(try Dataset.binning(table, into: window, targets: targets).dataset.count == 3)
    }
  }

  /// Sparse files of far more than memory: a sentence, whatever their kind.
  @Test(arguments: ["a.npy", "a.safetensors", "a.csv"]) func filesLargerThanMemory(name: String)
    throws
  {
    try with(name, Array("\u{93}NUMPY".utf8)) { path in
      let file = try #require(FileHandle(forWritingAtPath: path))
      try file.truncate(atOffset: 1 << 43)
      try file.close()
      expectError(
        "\(name): \(name == "a.csv" ? "8.0" : "16.0") TiB of memory are needed to read it"
      ) {
        _ = try NumericArray(contentsOf: path)
      }
      expectError("of memory are needed to read it") { _ = try EventTable(contentsOf: path) }
      expectError("of memory are needed to read it") { _ = try Network(contentsOf: path) }
      expectError("of memory are needed to read it") { _ = try Checkpoint(contentsOf: path) }
    }
  }

  @Test func eventsFromFiles() throws {
    let window = EventWindow(timeStep: 0.001, steps: 4, units: 2)
    let expected: [Float] = [0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1]
    for text in [
      "0,0.001,1\n1,0,0\n1,0.0035,1\n", "unit,sample,time\n1,0,0.001\n0,1,0\n1,1,0.0035\n",
    ] {
      try with("e.csv", Array(text.utf8)) { path in
        let events = try EventTable(contentsOf: path)
        #expect(try Dataset.binning(events, into: window).dataset.values == expected)
      }
    }
    try withTemporaryDirectory { directory in
      let path = directory + "/e.safetensors"
      try SafetensorsFile([
        .init("samples", shape: [3], [0, 1, 1] as [Int32]),
        .init("times", shape: [3], [0.0015, 0, 0.0035] as [Float]),
        .init("units", shape: [3], [1, 0, 1] as [UInt8]),
      ]).write(to: path)
      func array(_ name: String) throws -> NumericArray {
        try NumericArray(contentsOf: path, tensor: name)
      }
      let events = try EventTable(
        samples: array("samples"), times: array("times"), units: array("units"))
      #expect(try Dataset.binning(events, into: window).dataset.values == expected)
    }
    let broken = [
      ("sample,time,units\n0,0,0\n", #"there is no column "unit"; it has "sample""#),
      ("0,0\n", "expected the columns sample, time and unit, found 2"),
      ("0,0,1.5\n", "line 1: expected an integer from 0 on in column unit, found 1.5"),
      ("sample,time,unit\n0,0,0\n-1,0,1\n", "line 3: expected an integer from 0 on in column sam"),
    ]
    for (text, words) in broken {
      try with("e.csv", Array(text.utf8)) { path in
        expectError("e.csv: " + words) { _ = try EventTable(contentsOf: path) }
      }
    }
  }

  @Test func refusals() throws {
    let nan = numpy("<f4", [2, 1], bytes([1, .nan] as [Float]))
    try with("a.npy", nan) { path in
      expectError("a.npy must be finite, got nan at index 1") {
        _ = try Dataset(NumericArray(contentsOf: path))
      }
      expectError("a.npy must be finite") {
        _ = try NumericArray(contentsOf: path).integers()
      }
    }
    try with("a.npy", Array(nan.dropLast())) { path in
      expectError("a.npy: expected 8 bytes of data") { _ = try NumericArray(contentsOf: path) }
    }
    try with("a.npy", numpy("<f4", [0, 2], [])) { path in
      expectError("number of samples") { _ = try Dataset(NumericArray(contentsOf: path)) }
      expectError("number of samples") {
        _ = try Dataset(recording: NumericArray(contentsOf: path), steps: 1)
      }
    }
    let huge = numpy("<i8", [1], bytes([Int64.max]))
    try with("a.npy", huge) { path in
      expectError("class of sample 0") { _ = try ClassLabels(NumericArray(contentsOf: path)) }
    }
  }
}
