import Foundation
import Spindle
import SpindleJSON
import SpindleReport

extension JobResult {
  /// Samples whose firing rates the report shows.
  private static let mostSamples = 64
  /// Numbers that a layer's recording of them may have, which decides where samples are large.
  private static let mostNumbers = 1 << 22
  /// Classes above which their activities are not told apart.
  private static let mostClasses = 4

  /// The report of the run.
  ///
  /// - Throws: `JobError.failed`.
  public func report(title: String) throws(JobError) -> TrainingReport {
    do throws(SpindleError) {
      let part = job.data.part(evaluation.part) ?? job.data.training
      let widest = network.neuronCounts.max() ?? 1
      let count = max(
        1,
        min(part.source.count, Self.mostSamples, Self.mostNumbers / (part.source.steps * widest)))
      let batch = try part.source.batch(Array(0..<count), epoch: Int(UInt32.max))
      return TrainingReport(
        title: title, summary: summary,
        configuration: job.configuration.json.prettyText.split(
          separator: "\n", omittingEmptySubsequences: false
        ).map(String.init),
        warnings: (isDiverged ? [ending ?? ""] : []) + fit.warnings.map(\.description),
        curves: curves, timeStep: Double(network.timeStep), steps: part.source.steps,
        evaluation: try outputs(batch), confusion: confusion, layers: try activities(batch.input),
        classes: try classActivities(batch), weights: try weights())
    } catch {
      throw .failed(error.description)
    }
  }

  private var summary: [SummaryRow] {
    var rows = [
      SummaryRow(label: "how it ended", ours: ending ?? "after the last epoch"),
      SummaryRow(label: "epochs", ours: "\(fit.history.count)"),
      SummaryRow(label: "training time (s)", ours: String(format: "%.3f", seconds)),
      SummaryRow(label: "parameters that training changes", ours: "\(job.learnedCount)"),
      SummaryRow(label: "samples for training", ours: "\(job.sampleCount)"),
    ]
    if let last = fit.history.last {
      rows.append(SummaryRow(label: "loss of the last epoch", ours: last.loss))
      if let accuracy = last.accuracy {
        rows.append(SummaryRow(label: "accuracy in the last epoch", ours: accuracy))
      }
    }
    let part = evaluation.part.rawValue
    rows.append(SummaryRow(label: "\(part) loss", ours: evaluation.measurement.loss))
    if let accuracy = evaluation.measurement.accuracy {
      rows.append(SummaryRow(label: "\(part) accuracy", ours: accuracy))
    }
    if let baseline = evaluation.baseline {
      rows.append(SummaryRow(label: "\(part) error of linear least squares", ours: baseline))
    }
    if let sparsity = evaluation.measurement.activity.sparsity {
      rows.append(SummaryRow(label: "sparsity", ours: sparsity))
    }
    rows.append(
      SummaryRow(
        label: "synaptic operations per sample",
        ours: evaluation.measurement.activity.operations.total))
    return rows
  }

  private var curves: [Curve] {
    let history = fit.history
    var curves = [Curve(.loss, [.init("training", history.map(\.loss))])]
    let validations = history.map(\.validation)
    if validations.contains(where: { $0 != nil }) {
      curves[0].series.append(.init("validation", validations.map { $0?.loss ?? .nan }))
    }
    if history.contains(where: { $0.accuracy != nil }) {
      var series = [Curve.Series("training", history.map { $0.accuracy ?? .nan })]
      if validations.contains(where: { $0?.accuracy != nil }) {
        series.append(.init("validation", validations.map { $0?.accuracy ?? .nan }))
      }
      curves.append(Curve(.accuracy, series))
    }
    let layers = history.first?.activity.layers ?? []
    if !layers.isEmpty {
      curves.append(
        Curve(
          .rates,
          layers.indices.map { index in
            .init(
              "layer \(layers[index].layer)",
              history.map {
                index < $0.activity.layers.count ? $0.activity.layers[index].firingRate : .nan
              })
          }))
    }
    return curves
  }

  private var confusion: Confusion? {
    evaluation.measurement.confusion.map {
      Confusion(classes: $0.classes, counts: $0.counts, names: evaluation.classNames)
    }
  }

  /// The output over time beside its target: of all samples together where the target is theirs
  /// together, else of the first.
  private func outputs(_ batch: Batch) throws(SpindleError) -> SpindleReport.Evaluation? {
    guard case .values(let target)? = batch.target else { return nil }
    let (steps, neurons) = (batch.input.steps, network.outputs)
    let count = steps * neurons
    let recording = try network.run(batch.input, execution: job.configuration.execution)
    switch target.shape {
    case [steps, neurons]:
      var output = [Float](repeating: 0, count: count)
      for (index, spike) in recording.spikes.values.enumerated() { output[index % count] += spike }
      return SpindleReport.Evaluation(
        neurons: neurons, target: target.values,
        output: output.map { $0 / Float(batch.input.batch) },
        meaning: "the mean of the spikes over the samples", axis: "Spikes per step")
    case [batch.input.batch, steps, neurons]:
      return SpindleReport.Evaluation(
        neurons: neurons, target: Array(target.values[..<count]),
        output: Array(recording.membrane.values[..<count]),
        meaning: "the membrane in one sample", axis: "Membrane")
    default: return nil
    }
  }

  private func activities(_ input: Input) throws(SpindleError) -> [LayerActivity] {
    var activities: [LayerActivity] = []
    for index in network.neuronCounts.indices {
      let recording = try network.run(
        input, recording: index, execution: job.configuration.execution)
      let neurons = network.neuronCounts[index]
      let count = input.steps * neurons
      let number = 2 * index + 1
      guard case .lif(let lif) = network.layers[number] else {
        activities.append(
          LayerActivity(
            name: "Layer \(number): \(neurons) LI", neurons: neurons,
            membrane: Array(recording.membrane.values[..<count])))
        continue
      }
      var rates = [Float](repeating: 0, count: neurons)
      for (index, spike) in recording.spikes.values.enumerated() { rates[index % neurons] += spike }
      let rows = Float(input.batch * input.steps)
      activities.append(
        LayerActivity(
          name: "Layer \(number): \(neurons) LIF, \(lif.topology.name)", neurons: neurons,
          raster: recording.spikes.values[..<count].map { $0 != 0 },
          firingRates: rates.map { $0 / rows },
          membrane: Array(recording.membrane.values[..<count])))
    }
    return activities
  }

  /// The last spiking layer's mean spikes, by class.
  private func classActivities(_ batch: Batch) throws(SpindleError) -> [ClassActivity] {
    guard case .classes(let labels)? = batch.target, network.outputs <= Self.mostClasses,
      let last = network.neuronCounts.indices.last(where: { index in
        if case .lif = network.layers[2 * index + 1] { true } else { false }
      })
    else { return [] }
    let spikes = try network.run(
      batch.input, recording: last, execution: job.configuration.execution
    ).spikes.values
    let neurons = network.neuronCounts[last]
    let count = batch.input.steps * neurons
    return (0..<network.outputs).compactMap { index in
      let samples = labels.indices.filter { Int(labels[$0]) == index }
      guard !samples.isEmpty else { return nil }
      var rates = [Float](repeating: 0, count: count)
      for sample in samples {
        for place in 0..<count { rates[place] += spikes[sample * count + place] }
      }
      return ClassActivity(
        name: evaluation.classNames?[index] ?? "\(index)", neurons: neurons,
        rates: rates.map { $0 / Float(samples.count) })
    }
  }

  private func weights() throws(SpindleError) -> [WeightMatrix] {
    var matrices: [WeightMatrix] = []
    for parameter in network.parameters {
      let isWeight = parameter.name.hasSuffix("weight")
      guard isWeight || parameter.isLearned else { continue }
      let span = try network.values(of: parameter.name)
      let words = parameter.name.split(separator: ".")
      let kind = words[words.count - 1].replacingOccurrences(of: "_", with: " ")
      let isRecurrent = kind.hasPrefix("recurrent")
      matrices.append(
        WeightMatrix(
          name: parameter.name, title: "Layer \(words[0]): \(kind)",
          rows: parameter.shape.count == 2 ? parameter.shape[0] : 1,
          columns: parameter.shape[parameter.shape.count - 1],
          rowLabel: isRecurrent ? "Source neuron" : "Input",
          columnLabel: isRecurrent ? "Target neuron" : "Neuron",
          values: span.indices.map { span[$0] }))
    }
    return matrices
  }
}

extension Topology {
  fileprivate var name: String {
    switch self {
    case .ff: "FF"
    case .rc: "RC"
    case .oneToOne: "one-to-one"
    }
  }
}
