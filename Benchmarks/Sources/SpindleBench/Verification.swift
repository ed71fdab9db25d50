import Spindle
import SpindleReference

/// Checks an engine on the small version of a workload against the reference in Double, before
/// anything is timed. The reference takes over the engine's spikes, so that a potential within
/// rounding of its threshold does not set the two apart.
struct Verification {
  private let name: String
  private let workload: Workload
  private let material: Material

  init(_ name: String, _ workload: Workload) throws {
    self.name = name
    self.workload = workload.small
    material = try Material(workload.small, batches: 1)
  }

  private var ways: [(Sums, Outputs)] {
    Sums.allCases.flatMap { sums in Outputs.allCases.map { (sums, $0) } }
  }

  /// The C engine, in the layout of the full size, with sums and backward's outputs taken in every
  /// way.
  func check(_ execution: Execution, layout: Layout) throws {
    for (sums, outputs) in ways {
      var forced = execution
      forced.layout = layout
      forced.sums = sums
      forced.outputs = outputs
      let input = material.batches[0].input
      let got = try material.network.evaluate(
        input, target: material.target, loss: material.loss, execution: forced)
      let hidden = try material.network.run(input, recording: 0, execution: forced)
      try compare(
        loss: got.loss, gradients: got.gradients, spikes: hidden.spikes.values,
        potentials: hidden.potential.values)
    }
  }

  /// The baseline in plain Swift.
  func checkBaseline(tasks: Int) async throws {
    let got = await (try workload.makeBaseline(material.network)).run(
      input: material.batches[0].values, batch: workload.batch, steps: workload.steps,
      loss: try material.makeBaselineLoss(), recordsFirst: true, tasks: tasks)
    try compare(
      loss: Double(got.loss), gradients: got.gradients, spikes: got.spikes,
      potentials: got.potential)
  }

  private func compare(
    loss: Double, gradients: [String: [Float]], spikes: [Float], potentials: [Float]
  ) throws {
    guard spikes.contains(1) else {
      throw BenchmarkError("\(name): no neuron fires in the small version, which then tests little")
    }
    var forced: [[Double]?] = [spikes.map(Double.init)]
    if workload.outputs != nil { forced.append(nil) }
    let expected = try Reference<Double>(material.network).run(
      input: material.batches[0].values.map(Double.init), batch: workload.batch,
      steps: workload.steps, spikes: .forced(forced)
    ).step(loss: material.loss, target: material.target)
    let oracle = expected.trace.layers[0].potential
    try check("potential", potentials.map(Double.init), oracle, tolerance)
    try checkSpikes(spikes, oracle)
    try check("loss", [loss], [expected.loss], tolerance)
    // The surrogate turns an error of the potential into a relative error of up to its slope times
    // that.
    let largest = oracle.reduce(0) { max($0, abs($1)) }
    let byGradient = tolerance * (1 + Double(workload.slope) * largest)
    for parameter in material.network.parameters where parameter.isLearned {
      let got = gradients[parameter.name] ?? []
      let values = expected.gradients[parameter.name] ?? []
      try check("gradient of \(parameter.name)", got.map(Double.init), values, byGradient)
    }
  }

  /// A sum of k float32 terms of random sign is off by about the root of k units of roundoff of its
  /// largest partial sum, for which the factor 4 stands. The longest sums run over the inputs and
  /// over the rows (batch and steps); errors pass on through the steps and layers.
  private var tolerance: Double {
    let widest = Double(max(workload.inputs, workload.hidden)).squareRoot()
    let rows = Double(workload.batch * workload.steps).squareRoot()
    return 0x1p-24 * 4 * (2 * widest + rows + 8) * Double(workload.steps)
      * (workload.outputs == nil ? 1 : 2)
  }

  /// A neuron fires exactly where the oracle's potential is above the threshold.
  private func checkSpikes(_ spikes: [Float], _ potentials: [Double]) throws {
    let scale = potentials.reduce(0) { max($0, abs($1)) }
    for (index, potential) in potentials.enumerated() {
      let distance = potential - Double(workload.threshold)
      guard abs(distance) <= tolerance * scale || spikes[index] == (distance > 0 ? 1 : 0) else {
        throw BenchmarkError("\(name): spike \(index) is wrong: \(distance) from the threshold")
      }
    }
  }

  /// Refuses a difference above `tolerance` of the largest number, and NaN.
  private func check(
    _ what: String, _ got: [Double], _ expected: [Double], _ tolerance: Double
  ) throws {
    guard got.count == expected.count else {
      throw BenchmarkError("\(name): \(what): \(got.count) numbers, expected \(expected.count)")
    }
    let scale = expected.reduce(0) { max($0, abs($1)) }
    for index in got.indices {
      guard abs(got[index] - expected[index]) <= tolerance * scale else {
        throw BenchmarkError(
          "\(name): \(what)[\(index)] is \(got[index]), the reference has \(expected[index])")
      }
    }
  }
}
