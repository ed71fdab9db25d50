import Foundation
import Spindle
import SpindleReport

/// What the tutorial's run gave.
struct TutorialResult {
  /// Mean and sample standard deviation of a set of weights.
  struct Statistics: Encodable {
    let mean: Double
    let std: Double

    init(_ values: [Float]) {
      let count = Double(values.count)
      let average = values.reduce(0) { $0 + Double($1) } / count
      let squares = values.reduce(0) { $0 + (Double($1) - average) * (Double($1) - average) }
      mean = average
      std = count > 1 ? (squares / (count - 1)).squareRoot() : 0
    }
  }

  let job: TutorialJob
  let losses: [Double]
  let trainingSeconds: Double
  let plan: Plan
  /// Mean over the batch of the output spikes on new noise: [T, N].
  let output: [Float]
  /// The first sample's output spikes: [T, N].
  let raster: [Bool]
  /// Of each output neuron, as a fraction of the steps.
  let firingRates: [Float]
  let meanSquaredError: Double
  let meanAbsoluteError: Double
  /// [I, N] of the first synapse.
  let inputWeights: [Float]
  /// [I, N] of the synapse to the output layer.
  let outputWeights: [Float]
  /// [N, N] of the output layer; nil without recurrence.
  let recurrentWeights: [Float]?

  init(
    job: TutorialJob, losses: [Double], trainingSeconds: Double, recording: Recording,
    network: Network, plan: Plan
  ) throws {
    self.job = job
    self.losses = losses
    self.trainingSeconds = trainingSeconds
    self.plan = plan
    let (batch, steps, neurons) = (job.batch, job.target.shape[0], job.target.shape[1])
    let spikes = recording.spikes
    let count = steps * neurons
    var output = [Float](repeating: 0, count: count)
    for b in 0..<batch {
      for k in 0..<count { output[k] += spikes.values[b * count + k] }
    }
    output = output.map { $0 / Float(batch) }
    self.output = output
    raster = spikes.values[..<count].map { $0 != 0 }
    firingRates = (0..<neurons).map { n in
      (0..<steps).reduce(0) { $0 + output[$1 * neurons + n] } / Float(steps)
    }
    let errors = zip(output, job.target.values).map { Double($0) - Double($1) }
    meanSquaredError = errors.reduce(0) { $0 + $1 * $1 } / Double(count)
    meanAbsoluteError = errors.reduce(0) { $0 + abs($1) } / Double(count)
    inputWeights = try network.copy(of: "0.weight")
    outputWeights = try network.copy(of: "\(network.layers.count - 2).weight")
    let recurrent = "\(network.layers.count - 1).recurrent_weight"
    recurrentWeights =
      network.parameters.contains { $0.name == recurrent } ? try network.copy(of: recurrent) : nil
  }

  /// Mean of the last 50 epochs' losses, or of all where there are fewer.
  var lastMeanLoss: Double {
    let last = losses.suffix(50)
    return last.isEmpty ? .nan : last.reduce(0, +) / Double(last.count)
  }
  var epochsPerSecond: Double { trainingSeconds > 0 ? Double(losses.count) / trainingSeconds : 0 }

  static func printLoss(_ epoch: Int, _ loss: Double) {
    print("Epoch \(epoch), Loss: \(String(format: "%.6f", loss))")
  }

  /// The closing text, in the form of the published one.
  var text: String {
    var lines: [String] = []
    if losses.count < job.epochs {
      lines.append("ended early after \(losses.count) of \(job.epochs) epochs")
    }
    lines.append(
      String(
        format: "trained %d epochs in %.3f s (%.0f epochs/s)", losses.count, trainingSeconds,
        epochsPerSecond))
    lines.append(String(format: "mean loss of the last 50 epochs: %.6f", lastMeanLoss))
    lines.append(
      String(
        format: "on new input: MSE %.6f, MAE %.6f", meanSquaredError, meanAbsoluteError))
    lines.append(Self.line("input weights", Statistics(inputWeights)))
    if let recurrentWeights {
      lines.append(Self.line("recurrent weights", Statistics(recurrentWeights)))
    }
    return lines.joined(separator: "\n")
  }

  private static func line(_ name: String, _ statistics: Statistics) -> String {
    name + String(format: ": mean %.4f, std %.4f", statistics.mean, statistics.std)
  }
}

extension TutorialResult {
  /// The JSON text; an encoder's key strategy turns the names into snake case.
  private struct Document: Encodable {
    let losses: [String]
    let finalLoss: Double?
    let last50MeanLoss: Double?
    let mse: Double
    let mae: Double
    let trainingSeconds: Double
    let epochsPerSecond: Double
    let inputWeights: Statistics
    let recurrentWeights: Statistics?
    let seed: UInt64
    let threads: Int
    let isa: String
  }

  /// All results; losses as hexadecimal floating point, which loses no bit.
  func json() throws -> String {
    let document = Document(
      losses: losses.map { String(format: "%a", $0) }, finalLoss: losses.last,
      last50MeanLoss: losses.isEmpty ? nil : lastMeanLoss, mse: meanSquaredError,
      mae: meanAbsoluteError, trainingSeconds: trainingSeconds,
      epochsPerSecond: epochsPerSecond, inputWeights: Statistics(inputWeights),
      recurrentWeights: recurrentWeights.map(Statistics.init), seed: job.seed,
      threads: plan.threads, isa: plan.isa.rawValue)
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    return String(decoding: try encoder.encode(document), as: UTF8.self) + "\n"
  }

  /// The report's data; with the published figures beside ours where they belong to this job.
  func report(published: Bool) -> TrainingReport {
    TrainingReport(
      title: "Pattern generation by recurrent spiking neurons",
      summary: summary(published: published),
      configuration: [
        "batch \(job.batch), \(job.target.shape[0]) steps of 1 ms, \(losses.count) epochs",
        "Adam, learning rate \(job.learningRate); seed \(job.seed)",
        "\(plan.threads) threads, \(plan.isa.rawValue); Spindle \(spindleVersion)",
      ],
      curves: [Curve(.loss, [.init("training", losses)])],
      timeStep: Double(job.network.timeStep), steps: job.target.shape[0],
      evaluation: SpindleReport.Evaluation(
        neurons: neurons, target: job.target.values, output: output,
        meaning: "the mean of the spikes over the batch", axis: "Spikes per step"),
      layers: [
        LayerActivity(
          name: "Output layer", neurons: neurons, raster: raster, firingRates: firingRates)
      ],
      weights: weights)
  }

  private var neurons: Int { job.target.shape[1] }

  private var weights: [WeightMatrix] {
    let inputs = outputWeights.count / neurons
    let input = WeightMatrix(
      name: "\(job.network.layers.count - 2).weight", title: "Input weights", rows: inputs,
      columns: neurons, rowLabel: "Input", columnLabel: "Neuron", values: outputWeights)
    guard let recurrentWeights else { return [input] }
    let recurrent = WeightMatrix(
      name: "\(job.network.layers.count - 1).recurrent_weight", title: "Recurrent weights",
      rows: neurons, columns: neurons, rowLabel: "Source neuron", columnLabel: "Target neuron",
      values: recurrentWeights)
    return [input, recurrent]
  }

  private func summary(published: Bool) -> [SummaryRow] {
    func row(_ label: String, _ format: String, _ ours: Double, _ theirs: String) -> SummaryRow {
      SummaryRow(
        label: label, ours: String(format: format, ours), published: published ? theirs : nil)
    }
    let input = Statistics(inputWeights)
    var rows = [
      row("training time (s)", "%.3f", trainingSeconds, "45"),
      row("epochs per second", "%.1f", epochsPerSecond, "43.6"),
      row("final loss", "%.6f", losses.last ?? .nan, "0.019949"),
      row("MSE on new input", "%.6f", meanSquaredError, "0.034160"),
      row("MAE on new input", "%.6f", meanAbsoluteError, "0.153283"),
      row("input weights, mean", "%.4f", input.mean, "0.4214"),
      row("input weights, std", "%.4f", input.std, "0.1528"),
    ]
    if let recurrentWeights {
      let recurrent = Statistics(recurrentWeights)
      rows.append(row("recurrent weights, mean", "%.4f", recurrent.mean, "-0.0275"))
      rows.append(row("recurrent weights, std", "%.4f", recurrent.std, "0.0835"))
    }
    return rows
  }
}

extension Network {
  /// A parameter's values, copied.
  func copy(of name: String) throws(SpindleError) -> [Float] {
    let span = try values(of: name)
    return span.indices.map { span[$0] }
  }
}
