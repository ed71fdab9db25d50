import Testing

@testable import SpindleTensors

@Suite("What reading accepts") struct ReadingTests {
  @Test("White space, escapes and trailing spaces") func spelling() throws {
    let header = """
      {
      \t"\\u0061\\ud83e\\uddf5\\/\\"\\\\\\b\\f\\n\\r\\t" :
       { "data_offsets" : [ 0 , 2 ] , "shape":[ 2 ],\r
       "dtype":"\\u00558" } , "__metadata__" : { } }
      """
    let parsed = try SafetensorsFile(bytes: file(header + "   ", data: [3, 4]))
    let tensor = try parsed.tensor(named: "a\u{1F9F5}/\"\\\u{8}\u{C}\n\r\t")
    #expect(try tensor.integers() == [3, 4])
    #expect(tensor.shape == [2])
    #expect(parsed.metadata == [:])
  }

  @Test("Metadata of null are none") func nullMetadata() throws {
    let parsed = try SafetensorsFile(bytes: file("{\"__metadata__\": null}"))
    #expect(parsed == (try SafetensorsFile([])))
  }

  @Test("An empty tensor may lie between two others, in any order of the header")
  func emptyTensors() throws {
    let header = """
      {"b":{"dtype":"U8","shape":[1],"data_offsets":[1,2]},\
      "none":{"dtype":"F32","shape":[0],"data_offsets":[1,1]},\
      "a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}
      """
    let parsed = try SafetensorsFile(bytes: file(header, data: [5, 6]))
    #expect(parsed.tensors.map(\.name) == ["b", "none", "a"])
    #expect(parsed.tensors.map(\.bytes) == [[6], [], [5]])
  }

  @Test("A key has at most 30 combining marks in a row") func combiningMarks() throws {
    func header(_ count: Int) -> [UInt8] {
      file("{\"__metadata__\":{\"e\(String(repeating: "\u{301}", count: count))\":\"\"}}")
    }
    #expect(try SafetensorsFile(bytes: header(30)).metadata.count == 1)
    #expect(
      throws: SafetensorsError.headerSyntax(
        byte: 17, expected: "at most 30 combining marks in a row in a key", found: "more")
    ) { try SafetensorsFile(bytes: header(31)) }
  }

  @Test("Hostile headers take linear time", .timeLimit(.minutes(1))) func hostile() {
    let size = 1_000_000
    func refuse(_ header: String) {
      #expect(throws: SafetensorsError.self) { try SafetensorsFile(bytes: file(header)) }
    }
    refuse("{\"a\":" + String(repeating: "{\"a\":", count: size / 5))
    refuse("{\"a\":{\"shape\":" + String(repeating: "[", count: size))
    refuse("{\"a\":{\"shape\":[" + String(repeating: "9", count: size))
    refuse("{\"a\":{\"shape\":[" + String(repeating: "1,", count: size / 2))
    refuse("{\"" + String(repeating: "\\n", count: size / 2))
    refuse("{\"" + String(repeating: "e\u{301}\u{323}", count: size / 5) + "\":1}")
    refuse("{\"" + String(repeating: "\u{301}\u{323}", count: size / 4) + "\":1}")
    refuse("{\"a\":{\"dtype\":\"" + String(repeating: "\u{301}\u{323}", count: size / 4) + "\"}}")
    refuse("{" + String(repeating: " ", count: size))
    let members = (0..<(size / 20)).map { "\"\($0)\":\"\"" }.joined(separator: ",")
    refuse("{\"__metadata__\":{\(members),\"0\":\"\"}}")
  }
}
