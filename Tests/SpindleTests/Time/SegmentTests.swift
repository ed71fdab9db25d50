import Testing

@testable import Spindle

/// How much is kept for backward changes no bit; Tests/c/segments.c has more of it.
@Suite("Memory of segments") struct SegmentTests {
  static let lengths = [1, 255, 256, 257, 1000]

  /// Everything that steps of training and a recording give.
  private static func run(
    _ test: RandomCase, _ execution: Execution, clipping: Clipping = .none
  ) throws -> Bits {
    var bits = Bits()
    var trainer = try Trainer(
      test.network, batch: test.batch, steps: test.steps, loss: test.loss,
      regularization: test.penalties, clipping: clipping, execution: execution)
    for _ in 0..<2 {
      let metrics = try trainer.step(test.input, target: test.target)
      bits.losses += [metrics.loss, metrics.regularization, metrics.gradientNorm ?? 0]
    }
    bits.add("parameters", trainer.network.values)
    bits.losses.append(try trainer.evaluate(test.input, target: test.target).loss)
    for layer in test.network.layers.indices {
      bits.add(try trainer.record(layer: layer), "layer \(layer): ")
    }
    return bits
  }

  @Test(
    "The same bits for every length, with every option, on every instruction set",
    arguments: lengths, [false, true])
  func sameBits(steps: Int, small: Bool) throws {
    for seed in seeds(from: 77_000 + UInt64(steps), 3) {
      let test = try RandomCase(seed: seed, small: small, size: (small ? 19 : 3, steps))
      let layout: Layout = small ? .lanes : .rows
      let expected = try Self.run(test, Execution(threads: 1, layout: layout, memory: .all))
      for (index, isa) in ISA.supported.enumerated() {
        let threads = 1 + (Int(seed) + 3 * index) % 8
        let got = try Self.run(
          test, Execution(threads: threads, isa: isa, layout: layout, memory: .segments))
        got.expectSame(as: expected, "seed \(seed), \(threads) threads, \(isa)")
      }
    }
  }

  @Test("With dropout, and with a custom loss") func dropoutAndCustomLoss() throws {
    let test = try FitCase(seed: 91, rich: true)
    let input = Input.spikes(
      try SpikeTrain(
        (0..<4 * 600 * 5).map { Float(($0 * 7919 / 13) % 5 == 0 ? 1 : 0) }, batch: 4, steps: 600,
        units: 5))
    let quiet = CustomLoss(name: "quiet") { output, _ in
      let count = Float(output.membrane.values.count)
      return .init(
        value: Double(output.membrane.values.reduce(0) { $0 + $1 * $1 } / count),
        membraneGradient: output.membrane.values.map { 2 * $0 / count })
    }
    for loss in [Loss.maxMembraneCrossEntropy, .custom(quiet)] {
      func run(_ memory: Memory) throws -> Bits {
        var trainer = try Trainer(
          test.network, batch: 4, steps: 600, loss: loss, seed: 3,
          execution: Execution(memory: memory))
        var bits = Bits()
        for _ in 0..<3 {
          bits.losses.append(try trainer.step(input, target: .classes([0, 1, 0, 1])).loss)
        }
        bits.add("parameters", trainer.network.values)
        return bits
      }
      try run(.segments).expectSame(as: try run(.all), loss.name)
    }
  }

  @Test("A run without training keeps no trace, whatever is asked for") func inference() throws {
    let test = try RandomCase(seed: 77, size: (1, 700))
    let expected = try test.network.run(test.input)
    for execution in [Execution(memory: .segments), Execution(memoryLimit: 1)] {
      #expect(try test.network.run(test.input, execution: execution) == expected)
    }
  }

  @Test("The plan says what was chosen, and automatic memory is chosen by the limit") func plans()
    throws
  {
    let network = try FitCase(seed: 1, hidden: 64).network
    func plan(_ memory: Memory, steps: Int = 1000, limit: Int? = nil) throws -> Plan {
      try network.plan(
        batch: 20, steps: steps, execution: Execution(memory: memory, memoryLimit: limit))
    }
    let (all, segments) = (try plan(.all), try plan(.segments))
    #expect(all.memory == .all && all.traceSteps == 1000)
    #expect(segments.memory == .segments && segments.traceSteps == 256)
    #expect(segments.traceBytes * 2 < all.traceBytes)
    #expect(try plan(.automatic) == all)
    #expect(try plan(.automatic, limit: all.workspaceBytes) == all)
    #expect(try plan(.automatic, limit: all.workspaceBytes - 1) == segments)
    #expect(try plan(.segments, steps: 256).memory == .all)
    expectError("the memory limit") { _ = try plan(.automatic, limit: 0) }
  }

  @Test("Divergence is found where the trace is not kept") func divergence() throws {
    let network = try Network(
      inputs: 1, layers: [.li(3, tau: 0.01, connection: Connection(weights: .constant(3e38)))])
    var message: [String] = []
    for memory in [Memory.all, .segments] {
      var trainer = try Trainer(
        network, batch: 2, steps: 700, loss: .membraneMSE, execution: Execution(memory: memory))
      // The second sample alone, from step 500 on.
      var train = try SpikeTrain(batch: 2, steps: 700, units: 1)
      for step in 500..<510 { train[1, step, 0] = true }
      let zeros = Tensor(
        uncheckedShape: [2, 700, 3], values: [Float](repeating: 0, count: 2 * 700 * 3))
      do {
        _ = try trainer.step(.spikes(train), target: .values(zeros))
        Issue.record("no divergence")
      } catch { message.append(error.description) }
    }
    #expect(message.count == 2 && message[0] == message[1], "\(message)")
    #expect(message[0].contains("[1, 501, 0]"), "\(message)")
  }
}
