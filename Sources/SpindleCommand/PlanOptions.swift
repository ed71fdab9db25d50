import ArgumentParser
import Spindle

extension Layout: ExpressibleByArgument {}
extension Sums: ExpressibleByArgument {}
extension Memory: ExpressibleByArgument {}
extension Outputs: ExpressibleByArgument {}
extension Surrogate.Kind: ExpressibleByArgument {}

/// The shape whose plan `spindle info --plan` prints.
struct PlanOptions: ParsableArguments {
  @Option(help: "I, inputs.")
  var inputs = 700

  @Option(help: "N, neurons.")
  var neurons = 256

  @Option(help: "Topology: ff or rc.")
  var topology = TopologyName.rc

  @Option(help: "B, samples of a batch.")
  var batch = 256

  @Option(help: "T, steps of a sequence.")
  var steps = 100

  @Option(help: "Run a random batch of this density of input spikes, to see what is chosen.")
  var density: Double?

  @Option(help: "Threads; by default as many as OpenMP would use.")
  var threads: Int?

  @Option(help: "Instruction set: \(ISA.allCases.map(\.rawValue).joined(separator: ", ")).")
  var isa = ISA.automatic

  @Option(help: "Layout: \(Layout.allCases.map(\.rawValue).joined(separator: ", ")).")
  var layout = Layout.automatic

  @Option(help: "Sums over spikes: \(Sums.allCases.map(\.rawValue).joined(separator: ", ")).")
  var sums = Sums.automatic

  @Option(help: "Memory of training: \(Memory.allCases.map(\.rawValue).joined(separator: ", ")).")
  var memory = Memory.automatic

  @Option(help: "Bytes up to which automatic memory is all. (default: half of what is available)")
  var memoryLimit: Int?

  @Option(
    help: "Outputs of backward: \(Outputs.allCases.map(\.rawValue).joined(separator: ", ")).")
  var outputs = Outputs.automatic

  @Option(
    help: "Surrogate: \(Surrogate.Kind.allCases.map(\.rawValue).joined(separator: ", ")).")
  var surrogate = Surrogate.Kind.fastSigmoid

  @Option(help: "Slope of the surrogate.")
  var slope = 1.0

  @Option(help: "Peak of the surrogate; by default that of its kind.")
  var peak: Double?

  @Option(help: "Support of the surrogate; by default that of its kind.")
  var support: Double?

  func validate() throws {
    if let density, !(0...1).contains(density) {
      throw ValidationError("--density must be from 0 to 1, got \(density)")
    }
  }

  /// The plan, a line for each decision.
  func lines() throws -> [String] {
    let name = topology.rawValue.uppercased()
    let network = try makeNetwork()
    let execution = Execution(
      threads: threads, isa: isa, layout: layout, sums: sums, outputs: outputs, memory: memory,
      memoryLimit: memoryLimit)
    let header = "plan of \(inputs) -> \(neurons) \(name), batch \(batch), \(steps) steps"
    guard let density else {
      let plan = try network.plan(batch: batch, steps: steps, execution: execution)
      return [header] + Self.lines(of: plan)
    }
    var trainer = try Trainer(
      network, batch: batch, steps: steps, loss: .meanRateMSE, execution: execution)
    var random = RandomStream(seed: 0, stream: 1)
    var input = try SpikeTrain(batch: batch, steps: steps, units: inputs)
    try input.fill(probability: density, from: &random)
    // The firing rate, which decides how recurrent sums are taken, is known after the first batch;
    // the fraction of the surrogates that are not zero after a step.
    try trainer.forward(.spikes(input))
    let rates = try Tensor(
      shape: [steps, neurons], values: Array(repeating: 0, count: steps * neurons))
    _ = try trainer.step(.spikes(input), target: .values(rates))
    let plan = trainer.plan
    return [header] + Self.lines(of: plan) + plan.layers.map(Self.line(of:))
  }

  /// Weights that give currents of standard deviation 0.5, half the threshold, from the input and
  /// of up to 0.3 from the neurons.
  private func makeNetwork() throws -> Network {
    let active = max(1, (density ?? 0.03) * Double(inputs))
    let weights = Initializer.normal(mean: 0, standardDeviation: 0.5 / active.squareRoot())
    let recurrent = Initializer.normal(
      mean: 0, standardDeviation: 0.3 / Double(max(1, neurons)).squareRoot())
    return try Network(
      inputs: inputs,
      layers: [
        .lif(
          neurons,
          spiking: Spiking(
            surrogate: Surrogate(surrogate, slope: slope, peak: peak, support: support)),
          recurrence: topology == .rc ? .rc(recurrent) : .ff,
          connection: Connection(weights: weights))
      ])
  }

  private static func lines(of plan: Plan) -> [String] {
    [
      "layout: \(plan.layout.rawValue)", "instruction set: \(plan.isa.rawValue)",
      "threads: \(plan.threads)", "tile: \(plan.tile) samples", "window: \(plan.window) steps",
      "parts of the batch, whose gradients are summed apart: \(plan.parts)",
      "memory: \(line(of: plan.memory, plan.traceSteps))", "trace: \(plan.traceBytes) bytes",
      "workspace: \(plan.workspaceBytes) bytes",
    ]
  }

  private static func line(of memory: Memory, _ steps: Int) -> String {
    memory == .all
      ? "all" : "segments: the trace of \(steps) steps at a time, which backward runs again"
  }

  private static func line(of layer: Plan.LayerPlan) -> String {
    "seen: input density \(percent(layer.inputDensity)), firing rate \(percent(layer.firingRate))"
      + "; sums of inputs: \(layer.inputSums.rawValue)"
      + ", of recurrent spikes: \(layer.recurrentSums.rawValue)"
      + "; surrogates not zero \(percent(layer.surrogateDensity))"
      + ", outputs of backward: \(layer.outputs.rawValue)"
  }

  private static func percent(_ fraction: Double) -> String {
    "\((fraction * 1000).rounded() / 10) %"
  }
}
