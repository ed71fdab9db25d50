import Foundation
import Testing

/// What a command does that mpirun started, as far as no MPI is needed.
struct RanksTests {
  private func environment(rank: Int, of ranks: Int) -> [String: String] {
    ["OMPI_COMM_WORLD_SIZE": "\(ranks)", "OMPI_COMM_WORLD_RANK": "\(rank)"]
  }

  /// The first process tells and fails; the others end in silence, else mpirun would end the first
  /// one before it has told.
  private func expectRefusal(_ arguments: [String], _ words: String) throws {
    let first = try Command(arguments, environment: environment(rank: 0, of: 4))
    first.expectRefusal(words)
    #expect(first.status == 2)
    let other = try Command(arguments, environment: environment(rank: 3, of: 4))
    other.expectSuccess()
    #expect(other.output.isEmpty)
  }

  #if !MPI
    @Test func trainingInSeveralProcessesNamesTheTrait() throws {
      let task = try TrainTests.Task(epochs: 1)
      let words =
        "mpirun started 4 processes, and this spindle was built without the trait MPI, by which they "
        + "train together; swift build -c release --traits MPI makes one that has it"
      try expectRefusal(["train", task.configuration], words)
      #expect(!FileManager.default.fileExists(atPath: task.checkpoint))
      try expectRefusal(["resume", task.checkpoint], words)
    }
  #endif

  @Test(arguments: [
    ["eval", "run.safetensors"], ["predict", "run.safetensors", "--input", "x.npy"],
    ["sweep", "run.json", "--vary", "training.seed=1..2", "-o", "sweep"], ["tutorial"], ["info"],
  ])
  func otherCommandsAreOneProcess(arguments: [String]) throws {
    try expectRefusal(
      arguments,
      "spindle \(arguments[0]) runs in one process, and mpirun started 4; start it without mpirun")
  }

  /// A command line that cannot be read, and help, are told of once.
  @Test func oneTellsForAll() throws {
    let wrong = ["train", "run.json", "--nonsense"]
    try Command(wrong, environment: environment(rank: 0, of: 2)).expectRefusal("Unknown option")
    let other = try Command(wrong, environment: environment(rank: 1, of: 2))
    other.expectSuccess()
    let help = try Command(["--help"], environment: environment(rank: 1, of: 2))
    help.expectSuccess()
    #expect(other.output.isEmpty && help.output.isEmpty)
    #expect(try Command(["--help"], environment: environment(rank: 0, of: 2)).output.count > 100)
  }

  /// One process under mpirun is one process; and what is no number tells of no mpirun.
  @Test func oneProcessIsAsWithoutMPIRun() throws {
    let task = try TrainTests.Task(epochs: 1)
    try Command(["train", task.configuration, "--quiet"]).expectSuccess()
    let alone = try task.tensors()
    for environment in [
      environment(rank: 0, of: 1), ["OMPI_COMM_WORLD_SIZE": "many", "OMPI_COMM_WORLD_RANK": "0"],
    ] {
      try Command(
        ["train", task.configuration, "--quiet", "--overwrite"], environment: environment
      ).expectSuccess()
      #expect(try task.tensors() == alone)
    }
  }
}
