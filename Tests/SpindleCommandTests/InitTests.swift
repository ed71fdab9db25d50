import Foundation
import Testing

/// `spindle init`.
struct InitTests {
  @Test func listsTheExamples() throws {
    let list = try Command(["init", "--list"])
    list.expectSuccess()
    for name in ["tutorial", "regression", "braille", "delayed-memory"] {
      #expect(list.output.contains("\(name): "), "\(list.output)")
    }
  }

  @Test func writesAndDoesNotOverwrite() throws {
    let scratch = try Scratch()
    let folder = scratch.path("new/tutorial")
    let run = try Command(["init", "tutorial", folder])
    run.expectSuccess()
    let files = ["tutorial.json", "tutorial-tuned.json", "README.md"]
    for file in files {
      #expect(run.output.contains("\(folder)/\(file)\n"))
      #expect(FileManager.default.fileExists(atPath: "\(folder)/\(file)"))
    }
    // One of the files is the user's own by now: none is written.
    try FileManager.default.removeItem(atPath: folder + "/README.md")
    try Data("mine".utf8).write(to: URL(fileURLWithPath: folder + "/tutorial-tuned.json"))
    let again = try Command(["init", "tutorial", folder])
    again.expectRefusal("--force")
    #expect(again.status == 2)
    #expect(!FileManager.default.fileExists(atPath: folder + "/README.md"))
    let text = try String(contentsOfFile: folder + "/tutorial-tuned.json", encoding: .utf8)
    #expect(text == "mine")
    try Command(["init", "tutorial", folder, "--force"]).expectSuccess()
    #expect(FileManager.default.fileExists(atPath: folder + "/README.md"))
  }

  @Test func refusals() throws {
    let scratch = try Scratch()
    try Data().write(to: URL(fileURLWithPath: scratch.path("file")))
    for (arguments, words) in [
      (["init", "cnn", scratch.path("a")], "\"cnn\""), (["init", "tutorial"], "folder"),
      (["init"], "--list"), (["init", "tutorial", scratch.path("file")], "cannot write to"),
    ] {
      let run = try Command(arguments)
      run.expectRefusal(words)
      #expect(run.status == 2, "\(arguments)")
    }
    #expect(!FileManager.default.fileExists(atPath: scratch.path("a")))
  }
}
