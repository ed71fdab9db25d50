/// Fluctuation-driven initialisation (Rossbroich, Gygax and Zenke 2022, "Fluctuation-driven
/// initialization for spiking neural network training", Neuromorphic Computing and Engineering 2,
/// 044016).
///
/// Let e_k be what an input spike of weight 1 leaves in a membrane k steps later, without spikes and
/// resets: e_k = beta^k, with a synaptic filter the sum over j <= k of alpha^j beta^(k-j). Inputs,
/// independent of one another, fire with probability p = rate dt at each step. Then n of them, with
/// weights of mean m and standard deviation d, give a membrane
///
///     mean       n p m E              E = sum of e_k   = 1 / ((1 - alpha) (1 - beta))
///     variance   n p (1-p) (d^2 + m^2) Q
///                                     Q = sum of e_k^2 = (1 + alpha beta)
///                                         / ((1 - alpha beta) (1 - alpha^2) (1 - beta^2))
///
/// (alpha = 0 without a filter; the paper's inputs are Poisson, without 1 - p). So that the mean is
/// `mean` and the standard deviation sigma = (threshold - mean) / xi, neuron by neuron,
///
///     m = mean / (n p E)              n counts the inputs and, with topology RC, the neurons
///     d^2 = f sigma^2 / (n' p (1-p) Q) - m^2
///
/// where n' counts the matrix's own sources and f is its part of the variance: 1 without topology RC;
/// with it `inputFraction` for the input's weights and 1 - `inputFraction` for the recurrent ones. A
/// leaky integrator has no threshold and counts as one of threshold 1.
struct FluctuationDriven {
  /// What a matrix of weights drives.
  struct Target {
    /// dt, seconds.
    let timeStep: Float
    /// [N], seconds.
    let tau: [Float]
    /// [N], seconds; nil without a filter.
    let synapticTau: [Float]?
    /// [N].
    let threshold: [Float]
    /// The synapse's inputs and, with topology RC, the neurons.
    let sources: Int
    /// Whether the layer has topology RC.
    let isRecurrent: Bool
    /// Whether the matrix is that of the recurrent weights.
    var isOfRecurrence = false
  }

  let mean: Float
  let xi: Float
  let rate: Float
  let inputFraction: Float

  /// Weights [rows, N], row by row.
  func makeValues(
    rows: Int, _ target: Target, random: inout RandomStream, name: String
  ) throws(SpindleError) -> [Float] {
    let neurons = target.tau.count
    try check(target, name)
    var columns: [(mean: Float, deviation: Float)] = []
    for neuron in 0..<neurons {
      columns.append(try column(neuron, rows: rows, target, name))
    }
    var values = try random.normal(mean: 0, standardDeviation: 1, count: rows * neurons)
    for index in values.indices {
      let (mean, deviation) = columns[index % neurons]
      values[index] = mean + deviation * values[index]
    }
    return values
  }

  /// Mean and standard deviation of the weights to one neuron.
  private func column(
    _ neuron: Int, rows: Int, _ target: Target, _ name: String
  ) throws(SpindleError) -> (mean: Float, deviation: Float) {
    let timeStep = Double(target.timeStep)
    let alpha = target.synapticTau.map { Mathematics.exp(-timeStep / Double($0[neuron])) } ?? 0
    let beta = Mathematics.exp(-timeStep / Double(target.tau[neuron]))
    let sum = 1 / ((1 - alpha) * (1 - beta))
    let squares =
      (1 + alpha * beta)
      / ((1 - alpha * beta) * (1 - alpha * alpha) * (1 - beta * beta))
    let p = Double(rate) * timeStep
    let sigma = Double(target.threshold[neuron] - mean) / Double(xi)
    let part =
      target.isRecurrent
      ? Double(target.isOfRecurrence ? 1 - inputFraction : inputFraction) : 1
    let m = Double(mean) / (Double(target.sources) * p * sum)
    let variance = part * sigma * sigma / (Double(rows) * p * (1 - p) * squares) - m * m
    guard sigma > 0, variance >= 0 else {
      throw .invalidValue(
        what: "the membrane's mean for \"\(name)\"",
        expected: "below the threshold and so near zero that the weights' mean alone does not "
          + "exceed the fluctuations", got: "\(mean), for neuron \(neuron)")
    }
    return (Float(m), Float(variance.squareRoot()))
  }

  private func check(_ target: Target, _ name: String) throws(SpindleError) {
    let highest = 1 / target.timeStep
    guard rate > 0, rate < highest else {
      throw .invalidValue(
        what: "the input's rate for \"\(name)\"",
        expected: "above 0 and below one spike a step (\(highest) Hz)", got: "\(rate)")
    }
    guard xi > 0, xi.isFinite, mean.isFinite, (0...1).contains(inputFraction) else {
      throw .invalidValue(
        what: "fluctuationDriven for \"\(name)\"",
        expected: "of finite mean, positive xi and an input's fraction from 0 to 1",
        got: "mean \(mean), xi \(xi), fraction \(inputFraction)")
    }
  }
}
