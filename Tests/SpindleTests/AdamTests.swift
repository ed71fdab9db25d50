import Spindle
import Testing

/// The optimizer against PyTorch's formula in Double, on the gradients of real training.
struct AdamTests {
  @Test(arguments: [
    Adam(learningRate: 0.001), Adam(learningRate: 0.02, beta1: 0.8, beta2: 0.99, epsilon: 1e-4),
    Adam(learningRate: 0.01, beta1: 0.5, beta2: 0.9),
  ])
  func matchesDouble(adam: Adam) throws {
    let run = try TrainingRun(seed: 1, small: true, learnsTau: false)
    var trainer = try Trainer(
      run.network, batch: run.inputs[0].batch, steps: run.inputs[0].steps, loss: .meanRateMSE,
      optimizer: adam)
    let names = run.network.parameters.filter(\.isLearned).map(\.name)
    var expected = try names.map { DoubleAdam(adam, try run.network.doubles($0)) }
    for step in 0..<100 {
      _ = try trainer.step(run.inputs[step % 3], target: run.target)
      for (index, name) in names.enumerated() {
        let gradient = try trainer.gradient(of: name)
        expected[index].step(gradient.indices.map { Double(gradient[$0]) })
      }
    }
    // Each step rounds the parameter once, and its update, at most about 10 learning rates, to a
    // few dozen units of roundoff (of the means, whose terms may cancel, and of the root).
    for (index, name) in names.enumerated() {
      let difference = Difference(name, try trainer.network.floats(name), expected[index].values)
      let bound = 100 * 0x1p-24 * (difference.scale + 40 * Double(adam.learningRate))
      #expect(!(difference.value > bound), "\(difference), more than \(bound)")
      #expect(try trainer.network.floats(name) != run.network.floats(name), "\(name) never moved")
    }
  }
}

private struct DoubleAdam {
  let adam: Adam
  var values: [Double]
  private var mean: [Double]
  private var variance: [Double]
  private var power1 = 1.0
  private var power2 = 1.0

  init(_ adam: Adam, _ values: [Double]) {
    self.adam = adam
    self.values = values
    mean = values.map { _ in 0 }
    variance = mean
  }

  mutating func step(_ gradient: [Double]) {
    let (beta1, beta2) = (Double(adam.beta1), Double(adam.beta2))
    power1 *= beta1
    power2 *= beta2
    for (i, g) in gradient.enumerated() {
      mean[i] = beta1 * mean[i] + (1 - beta1) * g
      variance[i] = beta2 * variance[i] + (1 - beta2) * g * g
      let root = variance[i].squareRoot() / (1 - power2).squareRoot() + Double(adam.epsilon)
      values[i] -= Double(adam.learningRate) / (1 - power1) * mean[i] / root
    }
  }
}
