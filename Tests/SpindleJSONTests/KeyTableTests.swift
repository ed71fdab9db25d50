import SpindleJSON
import Testing

/// Tables of keys, which read, write and describe.
struct KeyTableTests {
  private struct Shape: Equatable, Sendable {
    var name = "square"
    var sides = 4
    var color: String?
    var isOpen = false
    var gap = 0.5
  }

  private static let table = KeyTable(
    Shape(),
    [
      .init("name", .text, "What it is called.", at: \.name, absence: .refused),
      .init("sides", .integer(3...9), "How many.", at: \.sides),
      .init("color", .text, "If any.", at: \.color),
      .init("open", .flag, "Whether there is a gap.", at: \.isOpen),
      .init("gap", .number(.positive), "How wide.", at: \.gap, applies: { $0.isOpen }),
    ])

  private func read(_ text: String) throws(DescriptionError) -> Shape {
    try Self.table.format().read(DescriptionValue(parsing: text, root: "the shape"))
  }

  @Test func readsWritesAndDescribes() throws {
    let short = try read(#"{"name": "x"}"#)
    #expect(short == Shape(name: "x"))
    #expect(
      JSONValue.object(Self.table.members(of: short)).text
        == #"{"name":"x","open":false,"sides":4}"#)
    let long = try read(#"{"name": "y", "sides": 3, "color": "red", "open": true, "gap": 2}"#)
    #expect(long == Shape(name: "y", sides: 3, color: "red", isOpen: true, gap: 2))
    #expect(try read(JSONValue.object(Self.table.members(of: long)).text) == long)
    let schema = JSONValue.object(Self.table.format().schema).text
    #expect(schema.contains(#""required":["name"]"#) && schema.contains(#""default":4"#))
    // That of a key that does not apply to the blank, too; none of one that may be missing.
    #expect(schema.contains(#""default":0.5"#))
    #expect(schema.contains(#""color":{"description":"If any.","minLength":1,"type":"string"}"#))
  }

  @Test(arguments: [
    ("{}", "\"name\" in the shape"), (#"{"name": "x", "side": 3}"#, "mean \"sides\"?"),
    (#"{"name": "x", "sides": 2}"#, "from 3 to 9 for sides"), ("3", "an object for the shape"),
  ])
  func faults(text: String, words: String) {
    let error = #expect(throws: DescriptionError.self) { try read(text) }
    #expect(error?.description.contains(words) == true, "\(String(describing: error))")
  }

  @Test func kindsAreReadAndWritten() throws {
    let circle = KindRow<Int>(
      "circle", "Round.", KeyTable([1.0], [.init("radius", .number(.positive), "r.", at: \.[0])]),
      take: { $0 < 100 ? [Double($0)] : nil }, make: { numbers, _ in Int(numbers[0]) })
    let none = KindRow<Int>(
      "none", "Nothing.", KeyTable([Double](), []), take: { $0 >= 100 ? [] : nil },
      make: { _, _ in 100 })
    let kinds = [circle, none]
    #expect(kinds.json(of: 7).text == #"{"kind":"circle","radius":7}"#)
    #expect(kinds.json(of: 100).text == #"{"kind":"none"}"#)
    for (text, value) in [(#""circle""#, 1), (#"{"kind": "circle", "radius": 7}"#, 7)] {
      let described = try DescriptionValue(parsing: text, root: "the shape")
      #expect(try Format<Int>.kinds(kinds).read(described) == value)
    }
  }

  @Test func differencesAreToldByPath() throws {
    let here = try JSONValue(
      parsing: #"{"a": [{"b": 1}, {"b": 2}], "c": [1, 2], "d": {"kind": "x"}}"#)
    let there = try JSONValue(parsing: #"{"a": [{"b": 3}], "c": [1, 3], "e": null}"#)
    #expect(here.differences(from: here).isEmpty)
    #expect(
      here.differences(from: there) == [
        "a[0].b: 1 here, 3 in the file", "a[1]: an object here, nothing in the file",
        "c: [1,2] here, [1,3] in the file", "d: one of kind \"x\" here, nothing in the file",
        "e: nothing here, null in the file",
      ])
    let long = JSONValue.array((0..<100).map { .number(Double($0)) })
    #expect(long.differences(from: .null, there: "there")[0].hasSuffix("… here, null there"))
  }
}
