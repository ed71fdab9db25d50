import SpindleJSON
import Testing

/// JSON for people.
@Suite("Pretty JSON") struct PrettyTests {
  @Test("Short values stand on one line, long ones do not") func layout() throws {
    let short: JSONValue = .object(["b": .array([1, 2.5, true]), "a": "x\n"])
    #expect(short.prettyText == #"{"a": "x\n", "b": [1, 2.5, true]}"#)
    let long: JSONValue = .object([
      "numbers": .array((0..<40).map { .number(Double($0)) }), "empty": .object([:]),
    ])
    let lines = long.prettyText.split(separator: "\n")
    #expect(lines.count == 45 && lines[1] == "  \"empty\": {}," && lines[3] == "    0,")
    #expect(try JSONValue(parsing: long.prettyText) == long)
  }
}
