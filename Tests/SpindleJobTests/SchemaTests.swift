import Foundation
import SpindleJSON
import Testing

@testable import SpindleJob

/// The schema says what the reader reads: both are made of the same tables.
struct SchemaTests {
  /// The file in the repository.
  private static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Documentation/spindle-train.schema.json").path

  @Test func theFileIsTheReadersOwn() throws {
    let text = try String(contentsOfFile: Self.path, encoding: .utf8)
    #expect(
      text == JobConfiguration.schema.prettyText + "\n",
      "write it anew: spindle train --schema > Documentation/spindle-train.schema.json")
  }

  @Test func everyExampleIsValid() throws {
    for file in Template.all.flatMap(\.configurations) {
      let faults = Validator.faults(
        of: try JSONValue(parsing: file.text), by: JobConfiguration.schema)
      #expect(faults.isEmpty, "\(file.name): \(faults)")
    }
  }

  /// Where the reader finds a fault of form, the schema finds one, too; what they are not alone in
  /// finding is what depends on other keys.
  @Test(arguments: ConfigurationTests.changes)
  func faultsOfFormAreTheSchemasToo(bad: ConfigurationTests.BadChange) throws {
    let dependent = [
      "split.train=0.9", "nesterov", "\"low\":1", "tau=[1,2]", "\"kind\":\"li\"", "data.file",
      "data.steps", "learn_synaptic_tau", "\"mean\":[0]", "\"from\":3",
      "\"strength\":[1,2]", "\"delayed\"", "\"recurrent_weights\"", "threshold\":[1,0]",
    ]
    guard !dependent.contains(where: { bad.change.contains($0) }) else { return }
    let value: JSONValue
    do throws(DescriptionError) {
      value = try JSONValue.parsed(shortText).changed(
        by: [Override(unchecked: bad.change)])
    } catch {
      return  // The path leads nowhere; there is nothing to validate.
    }
    #expect(!Validator.faults(of: value, by: JobConfiguration.schema).isEmpty)
  }

  /// Every key of the schema is read: a value that no key takes is refused, and the error names the
  /// key.
  @Test func everyKeyIsRead() throws {
    let bad: JSONValue = .object(["no such key": .null])
    let spoiled = Instances.spoiled(JobConfiguration.schema, by: bad)
    var paths = Set<[String]>()
    for (path, value) in spoiled where path != [JobConfiguration.schemaKey] {
      paths.insert(path)
      do throws(DescriptionError) {
        _ = try JobConfiguration(value)
        Issue.record("\(path) is not read")
      } catch {
        #expect(error.description.contains(path.last ?? ""), "\(path): \(error)")
      }
    }
    #expect(paths.count > 120, "only \(paths.count) keys were found")
  }
}

extension JSONValue {
  static func parsed(_ text: String) throws(DescriptionError) -> JSONValue {
    try DescriptionValue(parsing: text, root: "the configuration").value
  }
}

extension Override {
  /// A change known to be one.
  init(unchecked text: String) {
    do throws(JobError) {
      try self.init(text)
    } catch {
      self.init(path: [], value: .null)
    }
  }
}
