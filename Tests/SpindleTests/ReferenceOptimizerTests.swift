import Spindle
import SpindleReference
import Testing

/// The definition of the optimizers against PyTorch's, in float64 on both sides.
struct ReferenceOptimizerTests {
  @Test func matchesPyTorch() throws {
    let golden = try OptimizerGolden()
    #expect(golden.configurations.count == 13 && golden.shapes.count == 2)
    for (shape, sizes) in golden.shapes {
      let description = NetworkDescription(
        inputs: sizes[0],
        layers: [
          .lif(
            sizes[1], recurrence: .rc(), connection: Connection(bias: .constant(0)),
            learned: Layer.learnedByDefault.union([.tau, .threshold]))
        ])
      for (name, configuration) in golden.configurations {
        let byNorm = configuration.clipNorm.map { Clipping.byNorm($0) }
        let optimizer = ReferenceOptimizer<Double>(
          configuration.optimizer, clipping: byNorm ?? configuration.clipping)
        try follow(golden, shape, name, optimizer, description)
      }
    }
  }

  /// Eight steps.
  private func follow(
    _ golden: OptimizerGolden, _ shape: String, _ name: String,
    _ optimizer: ReferenceOptimizer<Double>, _ description: NetworkDescription
  ) throws {
    var optimizer = optimizer
    let parameters = try description.parameters
    var values: [String: [Double]] = [:]
    for role in OptimizerRun.names {
      values["0.\(role)"] = try golden.doubles("\(shape).start.\(role)")
    }
    let norms = try golden.doubles("\(shape).\(name).norm")
    for step in 1...norms.count {
      var gradients: [String: [Double]] = [:]
      for role in OptimizerRun.names {
        let all = try golden.doubles("\(shape).gradient.\(role)")
        let count = all.count / norms.count
        gradients["0.\(role)"] = Array(all[(step - 1) * count..<step * count])
      }
      let norm = optimizer.update(&values, gradients: gradients, of: parameters)
      // The file's numbers of a configuration are rounded to float32 here, as the engine's are:
      // 1e-7 of each step's length.
      #expect(abs(norm - norms[step - 1]) <= 1e-6 * norm, "\(shape) \(name), step \(step)")
      guard golden.checked.contains(step) else { continue }
      for role in OptimizerRun.names {
        let expected = try golden.doubles("\(shape).\(name).\(step).\(role)")
        let got = try #require(values["0.\(role)"])
        let scale = expected.reduce(0) { max($0, abs($1)) }
        for (index, (a, b)) in zip(got, expected).enumerated() {
          #expect(abs(a - b) <= 1e-6 * scale, "\(shape) \(name), step \(step), \(role)[\(index)]")
        }
      }
    }
  }

  /// What is not learned, or has no gradient, stays.
  @Test func leavesTheRest() throws {
    let description = NetworkDescription(
      inputs: 1, layers: [.lif(1, connection: Connection(bias: .constant(0)), learned: [.weight])])
    var optimizer = ReferenceOptimizer<Double>(.sgd(learningRate: 0.5))
    var values = ["0.weight": [1.0], "0.bias": [1.0], "0.tau": [1.0], "0.threshold": [1.0]]
    let norm = try optimizer.update(
      &values, gradients: ["0.weight": [3], "0.bias": [4], "0.tau": [5]],
      of: description.parameters)
    #expect(norm == 3)
    #expect(
      values == ["0.weight": [-0.5], "0.bias": [1], "0.tau": [1], "0.threshold": [1]])
  }
}
