import Foundation
import Spindle
import SwiftBaseline

extension Workload {
  /// The same network for the baseline.
  func makeBaseline(_ network: Network) throws -> BaselineNetwork {
    guard surrogate == nil, peak == nil else {
      throw BenchmarkError("the baseline has no surrogate but the fast sigmoid")
    }
    func values(_ name: String) throws -> [Float] {
      let span = try network.values(of: name)
      return span.indices.map { span[$0] }
    }
    // All neurons of a layer have one time constant.
    func beta(_ layer: Int) throws -> Float {
      Float(exp(-network.description.timeStep / Double(try values("\(layer).tau")[0])))
    }
    var layers = [
      BaselineLayer(
        inputs: inputs, neurons: hidden, weight: try values("0.weight"),
        recurrentWeight: topology == .rc ? try values("0.recurrent_weight") : nil,
        beta: try beta(0), threshold: threshold, slope: slope)
    ]
    if let outputs {
      layers.append(
        BaselineLayer(
          inputs: hidden, neurons: outputs, weight: try values("1.weight"), beta: try beta(1)))
    }
    return BaselineNetwork(layers)
  }
}

extension Material {
  /// The loss and its target, for the baseline.
  func makeBaselineLoss() throws -> BaselineLoss {
    switch (loss, target) {
    case (.meanRateMSE, .values(let tensor)): return .meanRateMSE(target: tensor.values)
    case (.maxMembraneCrossEntropy, .classes(let classes)):
      return .maxMembraneCrossEntropy(labels: classes.map(Int.init))
    default: throw BenchmarkError("no workload has the loss \"\(loss.name)\" so far")
    }
  }
}

/// A workload on the baseline in plain Swift, with Adam in plain Swift.
struct BaselineRun {
  private let workload: Workload
  private var network: Network
  private let inputs: [[Float]]
  private let loss: BaselineLoss
  private let tasks: Int
  private let learningRate: Float
  private var baseline: BaselineNetwork
  private var optimizers: [String: BaselineAdam] = [:]

  init(_ workload: Workload, _ material: Material, tasks: Int, learningRate: Float) throws {
    self.workload = workload
    self.learningRate = learningRate
    self.tasks = tasks
    network = material.network
    inputs = material.batches.map(\.values)
    loss = try material.makeBaselineLoss()
    baseline = try workload.makeBaseline(network)
  }

  private func run(_ run: Int, loss: BaselineLoss?, recordsFirst: Bool = false) async
    -> BaselineNetwork.Result
  {
    await baseline.run(
      input: inputs[run % inputs.count], batch: workload.batch, steps: workload.steps, loss: loss,
      recordsFirst: recordsFirst, tasks: tasks)
  }

  /// Forward, loss, backward, Adam, and the network built anew of its changed weights.
  private mutating func step(_ index: Int) async throws {
    let result = await run(index, loss: loss)
    for (name, gradient) in result.gradients {
      try network.withValues(of: name) { values in
        optimizers[name, default: BaselineAdam(count: gradient.count)].update(
          &values, gradient, learningRate: learningRate)
      }
    }
    baseline = try workload.makeBaseline(network)
  }

  static func measure(
    _ workload: Workload, _ material: Material, threads: Int, learningRate: Float,
    seconds: Double
  ) async throws -> Measurement {
    var run = try BaselineRun(
      workload, material, tasks: threads, learningRate: learningRate)
    let spikes = await run.run(0, loss: nil, recordsFirst: true).spikes
    let rate = Double(spikes.reduce(0, +)) / Double(max(1, spikes.count))
    let forward = await Timing(atLeast: 0.4 * seconds) { _ = await run.run($0, loss: nil) }
    let step = try await Timing(atLeast: seconds) { try await run.step($0) }
    return Measurement(
      forward: forward, step: step, rate: rate, threads: threads, isa: nil, plan: nil)
  }
}

/// Adam (Kingma and Ba 2015) on one parameter, with the defaults of the paper.
struct BaselineAdam {
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
