import Spindle
import TestSupport
import Testing

#if MPI
  import SpindleMPI
#endif

/// The code of the article on many processes: compiled, and run by ranks that are threads. What
/// begins MPI is compiled where the trait MPI is.
struct ManyProcessesArticleTests {
  @Test func articleHasTheTestedCode() throws {
    try Articles.holdCode(of: "ManyProcesses", to: #filePath)
  }

  @Test func runs() throws {
    let labels = (0..<50).map { Int32($0 % 2) }
    let values = (0..<50 * 30).map { Float($0 * 37 % 101) / 101 + Float(labels[$0 / 30]) }
    let samples = try Dataset(
      values, count: 50, steps: 10, units: 3, targets: .classes(ClassLabels(labels)))
    let alone = try withRanks(1) { try train($0, on: samples).history.map(\.loss) }
    #expect(alone[0].count == 3 && alone[0][2] < alone[0][0])
    for losses in try withRanks(3, { try train($0, on: samples).history.map(\.loss) }) {
      #expect(losses == alone[0])
    }
  }
}

// Article: ManyProcesses
func train(_ communicator: any Communicator, on samples: Dataset) throws -> FitResult {
  let network = try Network(
    inputs: 3, layers: [.lif(20, recurrence: .rc()), .li(2, tau: 0.02)], seed: 1)
  var trainer = try Trainer(
    network, batch: 32, steps: 10, loss: .meanMembraneCrossEntropy,
    optimizer: .adam(learningRate: 0.01), seed: 1, execution: Execution(parts: 4),
    communicator: communicator)
  return try trainer.fit(samples, options: FitOptions(epochs: 3))
}
// End of article code

#if MPI
  // Article: ManyProcesses
  func run(_ samples: Dataset) throws {
    let mpi = try MPICommunicator()
    do {
      let result = try train(mpi, on: samples)
      if mpi.rank == 0, let last = result.history.last { print("loss", last.loss) }
    } catch {
      print("rank \(mpi.rank): \(error)")
      mpi.abort(status: 1)  // The others wait for this one.
    }
    try mpi.finish()
  }
// End of article code
#endif
