import Foundation
import Testing

/// What the environment says of threads.
struct EnvironmentTests {
  /// As users run it, though these tests may be told to force the numbers of threads.
  private static let unforced = ["SPINDLE_FORCE_THREADS": ""]

  private func threads(
    _ environment: [String: String], warning: String = ""
  ) throws -> String? {
    let run = try Command(
      ["info"], environment: Self.unforced.merging(environment) { _, new in new })
    #expect(run.status == 0 && run.error == warning, "\(environment): \(run.error)")
    return run.output.split(separator: "\n").first { $0.hasPrefix("threads: ") }.map(String.init)
  }

  /// libomp 14 ends the process where the variable is empty, and takes gigabytes where it is a word.
  @Test func threadsThatAreNoNumberAreNotSet() throws {
    let usual = try threads([:])
    for value in ["", " "] {
      #expect(try threads(["OMP_NUM_THREADS": value]) == usual, "\(value)")
    }
    for value in ["many", "-1", "0", "2x", ",", "2,", "1e3", "999999999999999999999"] {
      let warning =
        "warning: OMP_NUM_THREADS is \"\(value)\", which is no number of threads, and is as if it "
        + "were not set\n"
      #expect(try threads(["OMP_NUM_THREADS": value], warning: warning) == usual, "\(value)")
    }
    #expect(try threads(["OMP_NUM_THREADS": "1"])?.hasPrefix("threads: 1 ") == true)
    #expect(try threads(["OMP_NUM_THREADS": "1,2"])?.hasPrefix("threads: 1 ") == true)
  }

  /// Nor is anything planned for them: tiles, blocks and scratch memory are those of the processors.
  @Test func noPlanForMoreThreadsThanProcessors() throws {
    let processors = ProcessInfo.processInfo.activeProcessorCount
    func plan(_ threads: Int) throws -> String {
      let run = try Command(
        ["info", "--plan", "--neurons", "400", "--batch", "64", "--threads", "\(threads)"],
        environment: Self.unforced)
      run.expectSuccess()
      return run.output
    }
    let most = try plan(200)
    // A container's quota may allow fewer than there are.
    #expect(try (1...processors).contains { try plan($0) == most }, "\(most)")
  }

  /// More threads than processors only wait for one another.
  @Test func noMoreThreadsThanProcessors() throws {
    #expect(try threads(["OMP_NUM_THREADS": "64"]) == threads([:]))
    let task = try TrainTests.Task(epochs: 1)
    let begin = ContinuousClock.now
    try Command(
      ["train", task.configuration, "--quiet", "--threads", "2"], environment: Self.unforced
    ).expectSuccess()
    let two = ContinuousClock.now - begin
    try Command(
      ["train", task.configuration, "--quiet", "--overwrite", "--threads", "200"],
      environment: Self.unforced
    ).expectSuccess()
    // Generous: a machine that is busy is not the fault that is meant, which took ten times as long.
    #expect(ContinuousClock.now - begin < two * 5 + .seconds(2))
  }
}
