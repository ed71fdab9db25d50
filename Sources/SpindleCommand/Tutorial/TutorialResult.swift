import Foundation
import Spindle
import SpindleJSON
import SpindleJob
import SpindleReport

/// What the tutorial's run gave.
struct TutorialResult {
  /// Mean and sample standard deviation of a set of weights.
  struct Statistics {
    let mean: Double
    let std: Double

    init(_ values: [Float]) {
      let count = Double(values.count)
      let average = values.reduce(0) { $0 + Double($1) } / count
      let squares = values.reduce(0) { $0 + (Double($1) - average) * (Double($1) - average) }
      mean = average
      std = count > 1 ? (squares / (count - 1)).squareRoot() : 0
    }

    var json: JSONValue { .object(["mean": mean.json, "std": std.json]) }
  }

  let job: PatternRun
  let run: PatternResult
  /// Mean over the batch of the output spikes on new noise: [T, N].
  let output: [Float]
  /// Of each output neuron, as a fraction of the steps.
  let firingRates: [Float]
  let meanSquaredError: Double
  let meanAbsoluteError: Double

  init(_ job: PatternRun, _ run: PatternResult) {
    self.job = job
    self.run = run
    let (steps, neurons) = (job.target.shape[0], job.target.shape[1])
    let count = steps * neurons
    var output = [Float](repeating: 0, count: count)
    for (place, spike) in run.spikes.values.enumerated() { output[place % count] += spike }
    output = output.map { $0 / Float(job.batch) }
    self.output = output
    firingRates = (0..<neurons).map { n in
      (0..<steps).reduce(0) { $0 + output[$1 * neurons + n] } / Float(steps)
    }
    let errors = zip(output, job.target.values).map { Double($0) - Double($1) }
    meanSquaredError = errors.reduce(0) { $0 + $1 * $1 } / Double(count)
    meanAbsoluteError = errors.reduce(0) { $0 + abs($1) } / Double(count)
  }

  var losses: [Double] { run.losses }
  var trainingSeconds: Double { run.seconds }
  /// [I, N] of the first layer.
  private var inputWeights: [Float] { run.network.copy(0, .weight) ?? [] }
  /// [N, N] of the output layer; nil without recurrence.
  private var recurrentWeights: [Float]? {
    run.network.copy(run.network.layers.count - 1, .recurrentWeight)
  }

  /// Mean of the last 50 epochs' losses, or of all where there are fewer.
  var lastMeanLoss: Double {
    let last = losses.suffix(50)
    return last.isEmpty ? .nan : last.reduce(0, +) / Double(last.count)
  }
  var epochsPerSecond: Double { trainingSeconds > 0 ? Double(losses.count) / trainingSeconds : 0 }

  /// The line of an epoch.
  static func line(_ epoch: Int, _ loss: Double) -> String {
    "Epoch \(epoch), Loss: \(String(format: "%.6f", loss))"
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
  /// All results; losses as hexadecimal floating point, which loses no bit.
  var json: JSONValue {
    var members: [String: JSONValue] = [
      "losses": losses.map { String(format: "%a", $0) }.json, "mse": meanSquaredError.json,
      "mae": meanAbsoluteError.json, "training_seconds": trainingSeconds.json,
      "epochs_per_second": epochsPerSecond.json, "input_weights": Statistics(inputWeights).json,
      "seed": job.seed.json, "threads": run.plan.threads.json, "isa": run.plan.isa.rawValue.json,
    ]
    members["final_loss"] = losses.last?.json
    members["last50_mean_loss"] = losses.isEmpty ? nil : lastMeanLoss.json
    members["recurrent_weights"] = recurrentWeights.map { Statistics($0).json }
    return .object(members)
  }

  /// The report's data; with the published figures beside ours where they belong to this job.
  func report(published: Bool) -> TrainingReport {
    TrainingReport(
      title: "Pattern generation by recurrent spiking neurons",
      summary: summary(published: published),
      configuration: [
        "batch \(job.batch), \(job.target.shape[0]) steps of 1 ms, \(losses.count) epochs",
        "Adam, learning rate \(job.learningRate); seed \(job.seed)",
        "\(run.plan.threads) threads, \(run.plan.isa.rawValue); Spindle \(spindleVersion)",
      ],
      curves: [Curve(.loss, [.init("training", losses)])],
      timeStep: job.network.description.timeStep, steps: job.target.shape[0],
      evaluation: OutputComparison(
        neurons: neurons, target: job.target.values, output: output,
        meaning: "the mean of the spikes over the batch", axis: "Spikes per step"),
      layers: [
        LayerActivity(
          name: "Output layer", neurons: neurons,
          raster: run.spikes.values[..<output.count].map { $0 != 0 },
          firingRates: firingRates)
      ],
      weights: weights)
  }

  private var neurons: Int { job.target.shape[1] }

  /// Of the output layer.
  private var weights: [WeightMatrix] {
    let layer = run.network.layers.count - 1
    func matrix(_ role: Role, _ title: String, _ rows: String, _ columns: String) -> WeightMatrix? {
      run.network.copy(layer, role).map { values in
        WeightMatrix(
          name: "\(layer).\(role.rawValue)", title: title, rows: values.count / neurons,
          columns: neurons, rowLabel: rows, columnLabel: columns, values: values)
      }
    }
    return [
      matrix(.weight, "Input weights", "Input", "Neuron"),
      matrix(.recurrentWeight, "Recurrent weights", "Source neuron", "Target neuron"),
    ].compactMap(\.self)
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
  /// The values of a layer's parameter, copied; nil where it has none of the role.
  fileprivate func copy(_ layer: Int, _ role: Role) -> [Float]? {
    guard let parameter = try? parameter(layer: layer, role: role),
      let span = try? values(of: parameter.name)
    else { return nil }
    return span.indices.map { span[$0] }
  }
}
