/// An example that `spindle init` writes: configurations and a README.
public struct Template: Sendable {
  /// What `spindle init` calls it.
  public let name: String
  /// One line.
  public let summary: String
  /// Name and text of each file.
  public let files: [(name: String, text: String)]

  /// All examples.
  public static let all = [tutorial, regression, braille, delayedMemory, japaneseVowels]

  /// The example of this name.
  public static func named(_ name: String) throws(JobError) -> Template {
    guard let template = all.first(where: { $0.name == name }) else {
      let names = all.map(\.name).joined(separator: ", ")
      throw .configuration("there is no example \"\(name)\"; there are \(names)")
    }
    return template
  }

  /// The texts of the files that are configurations.
  public var configurations: [(name: String, text: String)] {
    files.filter { $0.name.hasSuffix(".json") }
  }
}
