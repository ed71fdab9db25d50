import Foundation
import Testing

/// Results that standard output does not take are never lost in silence.
@Suite(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "no /dev/full here"))
struct OutputTests {
  /// Of every command that prints results.
  private func lines() throws -> (task: TrainTests.Task, lines: [String]) {
    let task = try TrainTests.Task(epochs: 1)
    try Command(["train", task.configuration, "--quiet"]).expectSuccess()
    let other = task.scratch.path("other.safetensors")
    return (
      task,
      [
        "train '\(task.configuration)' --overwrite --checkpoint '\(other)'",
        "train '\(task.configuration)' --overwrite --checkpoint '\(other)' --quiet --json",
        "train --schema", "resume '\(task.checkpoint)'", "eval '\(task.checkpoint)'",
        "eval '\(task.checkpoint)' --json",
        "predict '\(task.checkpoint)' --input '\(task.samples)'", "tutorial --epochs 1",
        "tutorial --epochs 201", "crosscheck '\(task.checkpoint)'",
        "crosscheck '\(task.checkpoint)' --json", "info", "info --plan", "init --list", "--help",
        "--version", "help train",
      ]
    )
  }

  @Test func fullDevice() throws {
    let (task, lines) = try lines()
    defer { withExtendedLifetime(task) {} }
    for line in lines {
      let run = try Command(shell: "\"$SPINDLE\" \(line) > /dev/full")
      #expect(run.status == 1, "\(line): \(run.status) \(run.error)")
      #expect(
        run.error.contains("could not be written to standard output: No space left"),
        "\(line): \(run.error)")
    }
  }

  /// Nor do they go into a file that happens to be opened under the number of standard output.
  @Test func closed() throws {
    let (task, lines) = try lines()
    let before = try task.tensors()
    for line in lines {
      let run = try Command(shell: "\"$SPINDLE\" \(line) >&-")
      #expect(run.status == 1, "\(line): \(run.status) \(run.error)")
      #expect(run.error.contains("standard output: Bad file descriptor"), "\(line): \(run.error)")
    }
    #expect(try task.tensors() == before)
  }

  /// As of other tools: no word, and a status that is not 0.
  @Test func brokenPipe() throws {
    let (task, lines) = try lines()
    defer { withExtendedLifetime(task) {} }
    for line in lines where !line.hasPrefix("train") && !line.hasPrefix("resume") {
      for trap in ["", "trap '' PIPE; "] {
        let run = try Command(
          shell: "\(trap){ sleep 0.2; \"$SPINDLE\" \(line); echo status $? >&2; } | true")
        #expect(run.error.hasSuffix("status 141\n"), "\(line): \(run.error)")
        #expect(!run.error.contains("Error"), "\(line): \(run.error)")
      }
    }
  }
}
