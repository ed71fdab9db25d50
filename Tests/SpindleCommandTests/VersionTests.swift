import Foundation
import Spindle
import TestSupport
import Testing

/// The version, which stands in the C header alone, and the commit.
struct VersionTests {
  @Test func printsTheHeadersVersion() throws {
    let version = try Command(["--version"])
    version.expectSuccess()
    let pattern = try Regex("\(spindleVersion)( \\([0-9a-f]{12}(-dirty)?\\))?\n")
    #expect(version.output.wholeMatch(of: pattern) != nil, "\(version.output)")
  }

  @Test func documentsNameIt() throws {
    let readme = try Repository.text("README.md")
    #expect(readme.contains("from: \"\(spindleVersion)\""), "README.md asks for another version")
    let changes = try Repository.text("CHANGELOG.md").split(separator: "\n")
    let newest = changes.first { $0.hasPrefix("## ") && $0 != "## Unreleased" }
    #expect(
      newest?.hasPrefix("## \(spindleVersion)") == true,
      "CHANGELOG.md begins with \(newest ?? "nothing")")
  }

  @Test(.enabled(if: Programs.has("git"), "git is not installed")) func recordsTheCommit() throws {
    let scratch = try Scratch()
    let script = """
      set -e
      cd "$FOLDER"
      export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b \
        GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
      record() { "$RECORD" "$FOLDER/$1" "$FOLDER" && sed -n 's/.*= //p' RecordedCommit.swift; }
      mkdir -p package/copy
      record package
      git init -q package && cd package && echo 1 > file && git add . && git commit -qm one
      git rev-parse HEAD && cd ..
      record package
      touch -d 2001-01-01 RecordedCommit.swift
      record package
      stat -c %y RecordedCommit.swift | cut -c 1-4
      echo 2 > package/file
      record package
      record package/copy
      """
    let run = try Command(
      shell: script,
      environment: [
        "FOLDER": scratch.path(""), "RECORD": Repository.path("Scripts/record_commit.sh"),
      ])
    run.expectSuccess()
    let lines = run.output.split(separator: "\n").map(String.init)
    try #require(lines.count == 7, "\(run.output)")
    let commit = String(lines[1].prefix(12))
    #expect(
      lines == [
        "nil", lines[1], "\"\(commit)\"", "\"\(commit)\"", "2001", "\"\(commit)-dirty\"", "nil",
      ])
  }
}
