import SpindleJSON
import Testing

/// Texts that are no JSON, and where the error says they are not.
struct ReadingTests {
  private func error(_ text: String, source: String? = nil) -> JSONError? {
    do throws(JSONError) {
      _ = try JSONValue(parsing: text, source: source)
      return nil
    } catch {
      return error
    }
  }

  @Test(arguments: [
    ("", 1, 1, "a value", "the end"),
    ("{\n  \"a\": 1,\n}", 2, 9, "another key", "a comma before '}'"),
    ("[1,\n\n ]", 1, 3, "another value", "a comma before ']'"),
    ("[1\n 2]", 2, 2, "',' or ']'", "'2'"),
    // A line ends with a line feed, with or without a carriage return before it.
    ("{\"a\":\r\n tru}", 2, 2, "true", "another word"),
    // Columns count scalars, not bytes.
    ("{\"ä🧵\": 1\n, \"é\" 1}", 2, 7, "':'", "'1'"),
    ("[1, 01]", 1, 5, "a number within the range of Double", "\"01\""),
    ("[1e999]", 1, 2, "a number within the range of Double", "\"1e999\""),
    ("{\"a\": 1,\n \"a\": 2}", 2, 2, "every key once", "\"a\" again"),
    ("{\n\"a\": \"\\x\"}", 2, 8, "one of \"\\/bfnrtu after a backslash", "'x'"),
    ("{}\n\n{}", 3, 1, "only spaces after the JSON", "'{'"),
    ("{\"a\": 1\n", 2, 1, "',' or '}'", "the end"),
  ])
  func errorsNameThePlace(
    text: String, line: Int, column: Int, expected: String, found: String
  ) throws {
    let error = try #require(self.error(text))
    #expect(error.line == line && error.column == column, "\(error)")
    #expect(error.expected == expected && error.found == found, "\(error)")
  }

  @Test func errorsNameTheSource() throws {
    #expect(
      error("{\n \"a\": 1,\n}", source: "c.json")?.description
        == "c.json, line 2, column 8: expected another key, found a comma before '}'")
    #expect(
      error("[")?.description == "the JSON, line 1, column 2: expected a value, found the end")
  }

  @Test func descriptionsNameTheFileOrTheRoot() {
    for (file, name) in [("c.json", "c.json"), (nil, "the text")] {
      do throws(DescriptionError) {
        _ = try DescriptionValue(parsing: "{\n", root: "the text", file: file)
        Issue.record("no error")
      } catch {
        #expect(error.description.hasPrefix("\(name), line 2, column 1: "), "\(error)")
      }
    }
  }

  @Test func nestingIsBounded() throws {
    let depth = JSONValue.largestDepth
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(error(nested(depth)) == nil)
    #expect(error(nested(depth + 1))?.column == depth + 1)
  }
}
