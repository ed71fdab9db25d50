import Spindle
import TestSupport
import Testing

/// What several ranks are refused, and what happens where one is lost.
@Suite("Errors of ranks") struct RankErrorTests {
  @Test("More ranks than parts are refused with the number to ask for") func tooMany() throws {
    let test = try FitCase(seed: 3)
    expectError("ask for 3 parts or a multiple") {
      _ = try withRanks(3) {
        _ = try test.trainer(execution: Execution(layout: .rows, parts: 2), communicator: $0)
      }
    }
    // 8 samples cannot be cut into more than 8.
    expectError("at most as many ranks") {
      _ = try withRanks(9) {
        _ = try test.trainer(execution: Execution(layout: .rows, parts: 8), communicator: $0)
      }
    }
  }

  /// Numbers that are none of a rank among ranks.
  private struct Impossible: Communicator {
    let rank: Int
    let ranks: Int

    func gather(_ data: inout MutableRawSpan, offsets: [Int]) throws(CommunicationError) {}
    func exchange(
      _ send: RawSpan, offsets sendOffsets: [Int], into receive: inout MutableRawSpan,
      offsets receiveOffsets: [Int]
    ) throws(CommunicationError) {}
  }

  @Test("A rank that is none is refused", arguments: [(-1, 2), (2, 2), (0, 0), (0, -1)])
  func none(rank: Int, ranks: Int) throws {
    let test = try FitCase(seed: 3)
    expectError("rank") {
      _ = try test.trainer(
        execution: Execution(layout: .rows, parts: 2),
        communicator: Impossible(rank: rank, ranks: ranks))
    }
  }

  @Test("A loss of the user's own is refused") func customLoss() throws {
    let test = try FitCase(seed: 3)
    let loss = CustomLoss(name: "mine") { _, _ in .init(value: 0) }
    expectError("the loss of several ranks") {
      _ = try withRanks(2) {
        _ = try Trainer(
          test.network, batch: 8, steps: FitCase.steps, loss: .custom(loss),
          execution: Execution(layout: .rows, parts: 2), communicator: $0)
      }
    }
  }

  @Test("A gradient of a slice is refused") func slices() throws {
    let test = try FitCase(seed: 3)
    let batch = try test.training.batch(Array(0..<8))
    let target = try #require(batch.target)
    expectError("gatherGradients") {
      _ = try withRanks(2) {
        var trainer = try test.trainer(
          execution: Execution(layout: .rows, parts: 2), communicator: $0)
        _ = try trainer.step(batch.input, target: target)
        _ = try trainer.gradient(of: "0.weight")
      }
    }
  }

  @Test("Every rank is told of a rank that left") func lost() throws {
    let test = try FitCase(seed: 3)
    let batch = try test.training.batch(Array(0..<8))
    let target = try #require(batch.target)
    let errors = try withRanks(3) { communicator -> SpindleError? in
      var trainer = try test.trainer(
        execution: Execution(layout: .rows, parts: 4), communicator: communicator)
      _ = try trainer.step(batch.input, target: target)
      if communicator.rank == 1 {
        communicator.leave()
        return nil
      }
      do throws(SpindleError) {
        _ = try trainer.step(batch.input, target: target)
        return nil
      } catch {
        return error
      }
    }
    let expected = SpindleError.communication(CommunicationError("a rank has left"))
    #expect(errors == [expected, nil, expected])
  }

  /// Weights of 1e38 make potentials of the second rank's samples infinite.
  @Test("All ranks are told of the same divergence") func divergence() throws {
    let network = try Network(
      inputs: 2,
      layers: [
        .lif(
          3, tau: 1, spiking: Spiking(reset: .zero),
          connection: Connection(weights: .constant(1e38))), .li(2, tau: 1),
      ])
    // The last sample alone has input.
    let values = (0..<4 * 8 * 2).map { $0 / 16 == 3 ? 1 : 0 as Float }
    let input = try Input(values, batch: 4, steps: 8, units: 2)
    @Sendable func error(_ communicator: (any Communicator)?) throws -> SpindleError? {
      var trainer = try Trainer(
        network, batch: 4, steps: 8, loss: .membraneMSE,
        execution: Execution(layout: .rows, parts: 4),
        communicator: communicator)
      let target = Target.values(
        try Tensor(shape: [4, 8, 2], values: [Float](repeating: 3e38, count: 64)))
      do throws(SpindleError) {
        _ = try trainer.step(input, target: target)
        return nil
      } catch {
        return error
      }
    }
    let one = try #require(try error(nil))
    #expect(try withRanks(3) { try error($0) } == [one, one, one])
  }

  /// The formula of CSources/CSpindle/core/ranks.c.
  @Test("Ranks send as many bytes as on paper", arguments: [2, 4], [false, true]) func bytes(
    ranks: Int, hasLengths: Bool
  ) throws {
    let (batch, steps, inputs, neurons, parts) = (16, 6, 130, 150, 8)
    let network = try Network(
      inputs: inputs,
      layers: [
        .lif(neurons, recurrence: .rc(), learned: [.weight, .recurrentWeight, .tau, .threshold]),
        .li(3, tau: 0.02, learned: [.weight, .tau]),
      ])
    let values = (0..<batch * steps * inputs).map { $0 % 7 == 0 ? 1 : 0 as Float }
    var input = try Input(values, batch: batch, steps: steps, units: inputs)
    if hasLengths { input = try input.with(lengths: (0..<batch).map { 1 + $0 % steps }) }
    let batchInput = input
    let sent = try withRanks(ranks) { communicator -> Int in
      var trainer = try Trainer(
        network, batch: batch, steps: steps, loss: .maxMembraneCrossEntropy,
        regularization: [.l1(strength: 1)], execution: Execution(parts: parts),
        communicator: communicator)
      let before = communicator.bytesSent
      _ = try trainer.step(batchInput, target: .classes((0..<batch).map { Int32($0 % 3) }))
      return communicator.bytesSent - before
    }
    // W (weights, of a piece each 16384), and what is small.
    let count = network.parameterCount
    let pieces = network.parameters.reduce(0) { $0 + ($1.shape.reduce(1, *) - 1) / 16384 + 1 }
    let slices = 4 * count * parts * (ranks - 1) / ranks
    let gathered = 4 * count + 8 * pieces + 8 * (batch + 3 * ranks)
    let more = (hasLengths ? 4 * batch : 0) + 8 * (neurons + 3) * ranks
    #expect(sent.reduce(0, +) == slices + (ranks - 1) * (gathered + more))
  }
}
