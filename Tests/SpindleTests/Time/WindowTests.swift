import Foundation
import SpindleTensors
import TestSupport
import Testing

@testable import Spindle

/// Truncated backpropagation over windows of a long sequence.
@Suite("Windows") struct WindowTests {
  /// The network of golden/memory.safetensors and what it is run on, made by another program
  /// (PyTorch).
  private struct Golden {
    static let path = SharedFiles.directory.appendingPathComponent("golden/memory.safetensors").path
    let file: SafetensorsFile
    let network: Network
    static let (batch, steps, window) = (4, 60, 20)

    init() throws {
      file = try SafetensorsFile(contentsOf: Self.path)
      var network = try Network(
        timeStep: 1e-3, inputs: 10,
        layers: [
          .lif(
            20, tau: 0.01, synapticTau: 0.005,
            spiking: Spiking(
              adaptation: Adaptation(strength: 0.5, tau: 0.1),
              surrogate: .fastSigmoid(slope: 5)),
            recurrence: .rc(), connection: Connection(bias: .constant(0))),
          .li(4, tau: 0.02),
        ])
      for (name, tensor) in [
        ("0.weight", "0.weight"), ("0.bias", "0.bias"),
        ("0.recurrent_weight", "1.recurrent_weight"), ("1.weight", "2.weight"),
      ] {
        try network.set(name, to: try #require(file[tensor]).floats())
      }
      self.network = network
    }

    /// Steps [first, first + count) of the input and the target.
    func window(_ first: Int, _ count: Int) throws -> (input: Input, target: Target) {
      func steps(_ name: String, _ units: Int) throws -> [Float] {
        let all = try #require(file[name]).floats()
        return (0..<Self.batch).flatMap { b in
          let begin = (b * Self.steps + first) * units
          return Array(all[begin..<begin + count * units])
        }
      }
      return (
        try Input(try steps("input", 10), batch: Self.batch, steps: count, units: 10),
        .values(try Tensor(shape: [Self.batch, count, 4], values: try steps("target", 4)))
      )
    }

    /// Expects numbers as exact as PyTorch's own in float32: ten times its largest difference from
    /// float64, since sums here have another order.
    func expectClose(_ got: [Float], _ name: String) throws {
      let exact = try #require(file["expected64." + name]).doubles()
      let single = try #require(file["expected." + name]).floats().map(Double.init)
      let largest = exact.reduce(0) { max($0, $1.magnitude) }
      let rounding = zip(exact, single).reduce(largest * 0x1p-23) {
        max($0, ($1.0 - $1.1).magnitude)
      }
      try #require(got.count == exact.count, "\(name)")
      for (index, pair) in zip(got, exact).enumerated() {
        let error = (Double(pair.0) - pair.1).magnitude
        #expect(error <= 10 * rounding, "\(name)[\(index)] is \(pair.0), not \(pair.1)")
      }
    }

    func expectGradients(_ trainer: borrowing Trainer, _ run: String) throws {
      for (name, short) in [
        ("0.weight", "W"), ("0.recurrent_weight", "R"), ("0.bias", "b"), ("1.weight", "Wout"),
      ] {
        let span = try trainer.gradient(of: name)
        try expectClose(span.indices.map { span[$0] }, "\(run).grad.\(short)")
      }
    }
  }

  @Test(
    "Windows, final state and gradients of another program",
    .enabled(
      if: FileManager.default.fileExists(atPath: Golden.path), "no golden/memory.safetensors"))
  func golden() throws {
    let golden = try Golden()
    // A learning rate of zero leaves the weights alone.
    var whole = try Trainer(
      golden.network, batch: Golden.batch, steps: Golden.steps, loss: .membraneMSE,
      optimizer: .sgd(learningRate: 0))
    let all = try golden.window(0, Golden.steps)
    _ = try whole.step(all.input, target: all.target)
    try golden.expectGradients(whole, "full")
    var trainer = try Trainer(
      golden.network, batch: Golden.batch, steps: Golden.window, loss: .membraneMSE,
      optimizer: .sgd(learningRate: 0))
    for index in 0..<3 {
      let part = try golden.window(index * Golden.window, Golden.window)
      let metrics = try trainer.step(window: part.input, target: part.target)
      try golden.expectClose([Float(metrics.loss)], "window\(index).loss")
      try golden.expectGradients(trainer, "window\(index)")
    }
    let carried = trainer.carriedState
    let state = try #require(carried).values
    let (hidden, output) = (Golden.batch * 20, Golden.batch * 4)
    for (place, name) in [(0, "0.v"), (1, "0.c"), (2, "0.a"), (4, "0.s")] {
      try golden.expectClose(
        Array(state[place * hidden..<(place + 1) * hidden]), "final." + name)
    }
    try golden.expectClose(Array(state[5 * hidden..<5 * hidden + output]), "final.1.v")
  }

  /// A recording of 60 steps in windows of 13, the last shorter, with input and target.
  private static func windows() throws -> [(input: Input, target: Target)] {
    var random = SplitMix(seed: 8)
    return try [13, 13, 13, 13, 8].map { steps in
      (
        try Input(
          (0..<3 * steps * FitCase.inputs).map { _ in random.flag(0.4) ? 1 : 0 }, batch: 3,
          steps: steps, units: FitCase.inputs), .classes([0, 1, 1])
      )
    }
  }

  private static func trainer(_ execution: Execution = .init()) throws -> Trainer {
    try Trainer(
      try FitCase(seed: 5, rich: true).network, batch: 3, steps: 13,
      loss: .meanMembraneCrossEntropy, optimizer: .adam(learningRate: 0.01), seed: 4,
      execution: execution)
  }

  @Test("The state goes on as in one long run, and begins anew where it is asked to")
  func carriesState() throws {
    let windows = try Self.windows()
    let network = try FitCase(seed: 5).network  // nothing random
    var trainer = try Trainer(
      network, batch: 3, steps: 13, loss: .meanMembraneCrossEntropy,
      optimizer: .sgd(learningRate: 0))
    var stepper = try Stepper(network, batch: 3)
    var state = stepper.initialState
    for (index, window) in windows.enumerated() {
      let begins = index == 3 ? [false, true, false] : nil
      if index == 3 { state.restart(sample: 1) }
      _ = try trainer.step(window: window.input, target: window.target, begins: begins)
      for step in 0..<window.input.steps {
        _ = try stepper.step(try window.input.step(step), &state)
      }
      #expect(trainer.carriedState == state, "after window \(index)")
    }
    #expect(state != stepper.initialState)
  }

  @Test("An update by several windows goes by the sum of their gradients") func sums() throws {
    let windows = try Self.windows()
    // Gradient descent without momentum at rate 1: the parameters' change is the gradient.
    func trainer() throws -> Trainer {
      try Trainer(
        try FitCase(seed: 5).network, batch: 3, steps: 13, loss: .meanMembraneCrossEntropy,
        optimizer: .sgd(learningRate: 0))
    }
    var single = try trainer()
    var expected = [Float](repeating: 0, count: single.network.parameterCount)
    for window in windows.prefix(3) {
      _ = try single.step(window: window.input, target: window.target)
      for index in expected.indices { expected[index] = single.gradients[index] + expected[index] }
    }
    var summed = try trainer()
    let before = summed.network.values
    for (index, window) in windows.prefix(3).enumerated() {
      _ = try summed.step(window: window.input, target: window.target, updates: index == 2)
      #expect(summed.waitingWindows == (index + 1) % 3)
      #expect(summed.stepCount == (index == 2 ? 1 : 0))
    }
    #expect(firstDifference(summed.gradients, expected) == nil)
    #expect(summed.network.values == before)
  }

  @Test("A run goes on from what was kept of it: parameters, optimizer and state") func goesOn()
    throws
  {
    let windows = try Self.windows()
    var whole = try Self.trainer()
    for window in windows { _ = try whole.step(window: window.input, target: window.target) }
    var first = try Self.trainer()
    for window in windows[..<2] { _ = try first.step(window: window.input, target: window.target) }
    var second = try Self.trainer()
    for parameter in first.network.parameters {
      try second.set(parameter.name, to: try first.network.floats(parameter.name))
    }
    try second.restore(first.optimizerState)
    let kept = first.carriedState
    try second.restartWindows(from: try #require(kept))
    for window in windows[2...] { _ = try second.step(window: window.input, target: window.target) }
    #expect(firstDifference(second.network.values, whole.network.values) == nil)
    #expect(second.carriedState == whole.carriedState)
    let other = try Stepper(whole.network, batch: 4).initialState
    expectError("the state [B") { try second.restartWindows(from: other) }
  }

  @Test("A window that fails leaves state and waiting gradients as they were") func fails() throws {
    let windows = try Self.windows()
    var trainer = try Self.trainer()
    _ = try trainer.step(window: windows[0].input, target: windows[0].target, updates: false)
    let state = trainer.carriedState
    expectError("the target's classes") {
      _ = try trainer.step(
        window: windows[1].input, target: .classes([0]), begins: [true, true, true])
    }
    expectError("the samples that begin") {
      _ = try trainer.step(window: windows[1].input, target: windows[1].target, begins: [true])
    }
    let long = try Input(
      [Float](repeating: 0, count: 3 * 14 * 5), batch: 3, steps: 14, units: 5)
    expectError("the input [B, T, I]") {
      _ = try trainer.step(window: long, target: windows[1].target)
    }
    let other = try Input([Float](repeating: 0, count: 2 * 13 * 5), batch: 2, steps: 13, units: 5)
    expectError("the samples of a window") {
      _ = try trainer.step(window: other, target: .classes([0, 1]))
    }
    #expect(trainer.carriedState == state && trainer.waitingWindows == 1)
  }

  @Test("The bits do not depend on threads, instruction set and memory") func sameBits() throws {
    let windows = try Self.windows()
    func run(_ execution: Execution) throws -> Bits {
      var trainer = try Self.trainer(execution)
      var bits = Bits()
      for (index, window) in windows.enumerated() {
        let metrics = try trainer.step(
          window: window.input, target: window.target, updates: index % 2 == 1)
        bits.losses += [metrics.loss, metrics.gradientNorm ?? 0]
      }
      bits.add("parameters", trainer.network.values)
      bits.add("state", trainer.carriedState?.values ?? [])
      return bits
    }
    let expected = try run(Execution(threads: 1, memory: .all))
    for (index, isa) in ISA.supported.enumerated() {
      try run(Execution(threads: 2 + index, isa: isa, memory: .segments))
        .expectSame(as: expected, "\(isa)")
    }
  }
}

extension Input {
  /// One step of it.
  fileprivate func step(_ step: Int) throws -> Input {
    guard case .spikes(let train) = self else { return self }
    var one = try SpikeTrain(batch: batch, steps: 1, units: units)
    for b in 0..<batch { for unit in 0..<units { one[b, 0, unit] = train[b, step, unit] } }
    return .spikes(one)
  }
}
