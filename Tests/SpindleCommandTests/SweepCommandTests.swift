import Foundation
import Testing

/// `spindle sweep`, as a user runs it.
struct SweepCommandTests {
  /// What is refused leaves no folder.
  @Test func numbersOfJobsAreCheckedFirst() throws {
    let task = try TrainTests.Task(epochs: 1)
    let folder = task.scratch.path("sweep")
    let run = try Command([
      "sweep", task.configuration, "--vary", "training.seed=1..2", "-o", folder, "--jobs", "0",
    ])
    run.expectRefusal("expected --jobs from 1 to")
    #expect(run.status == 2 && !FileManager.default.fileExists(atPath: folder))
  }
}
