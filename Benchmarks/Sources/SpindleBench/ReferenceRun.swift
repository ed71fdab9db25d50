import Spindle
import SpindleReference

/// A workload on the pure-Swift reference in Float, with Adam in plain Swift.
struct ReferenceRun {
  private let workload: Workload
  private var network: Network
  private let inputs: [[Float]]
  private let loss: ReferenceLoss<Float>
  private let tasks: Int
  private let learningRate: Float
  private var reference: ReferenceNetwork<Float>
  private var optimizers: [String: ReferenceAdam] = [:]

  init(_ workload: Workload, _ material: Material, tasks: Int, learningRate: Float) throws {
    self.workload = workload
    self.learningRate = learningRate
    self.tasks = tasks
    network = material.network
    inputs = material.batches.map(\.values)
    loss = try material.makeReferenceLoss(as: Float.self)
    reference = try workload.makeReference(network, as: Float.self)
  }

  func forward(_ run: Int) async throws -> ReferenceTrace<Float> {
    try await reference.run(
      input: inputs[run % inputs.count], batch: workload.batch, steps: workload.steps, tasks: tasks)
  }

  /// Forward, loss, backward, Adam, and the network built anew of its changed weights.
  mutating func step(_ run: Int) async throws {
    let result = try await reference.step(
      input: inputs[run % inputs.count], batch: workload.batch, steps: workload.steps, loss: loss,
      tasks: tasks)
    for (name, gradient) in result.gradients {
      try network.withValues(of: name) { values in
        optimizers[name, default: ReferenceAdam(count: gradient.count)].update(
          &values, gradient, learningRate: learningRate)
      }
    }
    reference = try workload.makeReference(network, as: Float.self)
  }

  static func measure(
    _ workload: Workload, _ material: Material, threads: Int, learningRate: Float,
    seconds: Double
  ) async throws -> Measurement {
    var run = try ReferenceRun(
      workload, material, tasks: threads, learningRate: learningRate)
    let spikes = try await run.forward(0).layers[0].spikes ?? []
    let rate = Double(spikes.reduce(0, +)) / Double(max(1, spikes.count))
    let forward = try await Timing(atLeast: 0.4 * seconds) { _ = try await run.forward($0) }
    let step = try await Timing(atLeast: seconds) { try await run.step($0) }
    return Measurement(
      forward: forward, step: step, rate: rate, threads: threads, isa: nil, plan: nil)
  }
}

/// Adam (Kingma and Ba 2015) on one parameter, with the defaults of the paper.
struct ReferenceAdam {
  private var mean: [Float]
  private var variance: [Float]
  private var correction1: Float = 1
  private var correction2: Float = 1

  init(count: Int) {
    mean = [Float](repeating: 0, count: count)
    variance = mean
  }

  mutating func update(
    _ values: inout MutableSpan<Float>, _ gradient: [Float], learningRate: Float
  ) {
    correction1 *= 0.9
    correction2 *= 0.999
    let rate = learningRate / (1 - correction1)
    let root = 1 / (1 - correction2).squareRoot()
    for index in gradient.indices {
      let g = gradient[index]
      let m = 0.9 * mean[index] + 0.1 * g
      let v = 0.999 * variance[index] + 0.001 * g * g
      mean[index] = m
      variance[index] = v
      values[index] -= rate * m / (v.squareRoot() * root + 1e-8)
    }
  }
}
