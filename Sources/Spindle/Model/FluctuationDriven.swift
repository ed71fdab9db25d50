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
  let mean: Float
  let xi: Float
  let rate: Float
  let inputFraction: Float

  /// Weights from the layer below or of recurrence, row by row.
  func draw(
    _ parameter: Parameter, of network: NetworkDescription, _ random: inout RandomStream
  ) throws(SpindleError) -> [Float] {
    let columns = try columns(parameter, of: network)
    var values = try random.normal(
      mean: 0, standardDeviation: 1, count: parameter.shape[0] * columns.count)
    for index in values.indices {
      let (mean, deviation) = columns[index % columns.count]
      values[index] = mean + deviation * values[index]
    }
    return values
  }

  /// Mean and standard deviation of the weights to each neuron.
  private func columns(
    _ parameter: Parameter, of network: NetworkDescription
  ) throws(SpindleError) -> [(mean: Float, deviation: Float)] {
    let layer = network.layers[parameter.layer]
    let count = layer.neurons.count
    let taus = layer.neurons.tau.values(count)
    let filters = layer.neurons.synapticTau?.values(count)
    let thresholds = (layer.neurons.spiking?.threshold ?? 1).values(count)
    let isRecurrent = layer.recurrence.topology == .rc
    let sources = network.inputs(of: parameter.layer) + (isRecurrent ? count : 0)
    let part = parameter.role == .recurrentWeight ? 1 - inputFraction : inputFraction
    // What the engine computes with is these numbers as float32.
    let timeStep = Double(Float(network.timeStep))
    let p = Double(rate) * timeStep
    var columns: [(mean: Float, deviation: Float)] = []
    for neuron in 0..<count {
      let alpha = filters.map { Mathematics.exp(-timeStep / Double(Float($0[neuron]))) } ?? 0
      let beta = Mathematics.exp(-timeStep / Double(Float(taus[neuron])))
      let sum = 1 / ((1 - alpha) * (1 - beta))
      let squares =
        (1 + alpha * beta)
        / ((1 - alpha * beta) * (1 - alpha * alpha) * (1 - beta * beta))
      let sigma = Double(Float(thresholds[neuron]) - mean) / Double(xi)
      let m = Double(mean) / (Double(sources) * p * sum)
      let variance =
        (isRecurrent ? Double(part) : 1) * sigma * sigma
        / (Double(parameter.shape[0]) * p * (1 - p) * squares) - m * m
      try require(
        sigma > 0 && variance >= 0, "layers[\(parameter.layer)].\(parameter.role.key).mean",
        "below the threshold and so near zero that the weights' mean alone does not "
          + "exceed the fluctuations", "\(mean), for neuron \(neuron)")
      columns.append((Float(m), Float(variance.squareRoot())))
    }
    return columns
  }
}
