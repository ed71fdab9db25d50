import SpindleJSON
import TestSupport
import Testing

@testable import SpindleJob

/// The JSON in the documentation's articles, whole configurations and parts of them, by the schema.
struct ArticleTests {
  private static let articles: [(name: String, count: Int)] = [
    ("DataFormats", 4), ("FromTrainingToAChip", 1), ("LongSequencesAndStreams", 1),
  ]

  /// A configuration in which a part takes its place: keys of the whole, "split" of the data, or a
  /// layer.
  private static func configuration(with part: JSONValue) throws -> JSONValue {
    let base = try #require(Template.all.first { $0.name == "braille" }?.configurations.first)
    var whole = try JSONValue(parsing: base.text).members
    var (network, data) = (whole["network"]?.members ?? [:], whole["data"]?.members ?? [:])
    // A layer is the object that has a kind.
    let keys = part["kind"] == nil ? part.members : ["kind": part]
    for (key, value) in keys {
      switch key {
      case "network": network.merge(value.members) { $1 }
      case "split": data[key] = value
      case "kind": network["layers"] = .array([value])
      case "data": data = value.members
      default: whole[key] = value
      }
    }
    whole["network"] = .object(network)
    whole["data"] = .object(data)
    return .object(whole)
  }

  @Test(arguments: articles) func configurationsAreValid(article: String, count: Int) throws {
    let blocks = try Articles.code(of: article, language: "json")
    #expect(blocks.count == count)
    for block in blocks {
      let part = try JSONValue(parsing: block.hasPrefix("{") ? block : "{\(block)}")
      let faults = Validator.faults(
        of: try Self.configuration(with: part), by: JobConfiguration.schema)
      #expect(faults.isEmpty, "\(block): \(faults)")
    }
  }

  @Test func noOtherArticleHasJSON() throws {
    for path in Repository.files(in: "Sources", ending: ".md") {
      let lines = try Repository.text(path).split(
        separator: "\n", omittingEmptySubsequences: false)
      let count = Articles.blocks(in: lines.map(String.init), language: "json").count
      let expected = Self.articles.first(where: { path.hasSuffix("/\($0.name).md") })?.count ?? 0
      #expect(count == expected, "\(path) has \(count) blocks that are not tested")
    }
  }
}
