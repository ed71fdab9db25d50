import SpindleJSON
import SpindleJob
import Testing

/// The examples of `spindle init`.
struct TemplateTests {
  @Test(arguments: Template.all.map(\.name))
  func everyExampleHasAConfigurationAndAReadMe(name: String) throws {
    let template = try Template.named(name)
    #expect(!template.configurations.isEmpty)
    #expect(template.files.contains { $0.name == "README.md" })
    for file in template.configurations {
      guard case .object = try JSONValue(parsing: file.text) else {
        Issue.record("\(file.name) is no object")
        continue
      }
      let readMe = template.files.first { $0.name == "README.md" }?.text ?? ""
      #expect(readMe.contains("spindle train \(file.name)"), "\(file.name) is not explained")
      #expect(!file.text.split(separator: "\n").contains { $0.hasSuffix(" ") })
    }
  }

  @Test func unknownExamplesAreRefused() {
    let error = #expect(throws: JobError.self) { try Template.named("braile") }
    #expect(error?.description.contains("delayed-memory") == true)
  }
}
