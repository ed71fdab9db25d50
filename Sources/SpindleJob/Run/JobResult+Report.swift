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
        curves: curves, timeStep: network.description.timeStep, steps: part.source.steps,
        evaluation: try outputs(batch), confusion: confusion, layers: try activities(batch.input),
        classes: try classActivities(batch), weights: try weights())
    } catch {
      throw .failed(error.description)
    }
  }

  private var summary: [SummaryRow] {
    let part = evaluation.part.rawValue
    let measured = evaluation.measurement
    let numbers = [
      ("loss of the last epoch", fit.history.last?.loss),
      ("accuracy in the last epoch", fit.history.last?.accuracy),
      ("\(part) loss", measured.loss), ("\(part) accuracy", measured.accuracy),
      ("\(part) error of linear least squares", evaluation.baseline),
      ("sparsity", measured.activity.sparsity),
      ("synaptic operations per sample", measured.activity.operations.total),
      ("energy per sample (J)", measured.energy?.total),
      ("\(part) \(chips?.measure ?? ""), mean of \(chips?.values.count ?? 0) chips", chips?.mean),
      ("\(part) \(chips?.measure ?? ""), worst of them", chips?.worst),
    ]
    return [
      SummaryRow(label: "how it ended", ours: ending ?? "after the last epoch"),
      SummaryRow(label: "epochs", ours: "\(fit.history.count)"),
      SummaryRow(label: "training time (s)", ours: String(format: "%.3f", seconds)),
      SummaryRow(label: "parameters that training changes", ours: "\(job.learnedCount)"),
      SummaryRow(label: "samples for training", ours: "\(job.sampleCount)"),
    ] + numbers.compactMap { label, value in value.map { SummaryRow(label: label, ours: $0) } }
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
  private func outputs(_ batch: Batch) throws(SpindleError) -> OutputComparison? {
    guard case .values(let target)? = batch.target else { return nil }
    let (steps, neurons) = (batch.input.steps, network.outputs)
    let count = steps * neurons
    let recording = try network.run(batch.input, execution: job.configuration.execution)
    switch target.shape {
    case [steps, neurons]:
      var output = [Float](repeating: 0, count: count)
      for (index, spike) in recording.spikes.values.enumerated() { output[index % count] += spike }
      return OutputComparison(
        neurons: neurons, target: target.values,
        output: output.map { $0 / Float(batch.input.batch) },
        meaning: "the mean of the spikes over the samples", axis: "Spikes per step")
    case [batch.input.batch, steps, neurons]:
      return OutputComparison(
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
      let layer = network.layers[index]
      var activity = LayerActivity(
        name: "Layer \(index): \(neurons) LI", neurons: neurons,
        membrane: Array(recording.membrane.values[..<count]))
      if layer.neurons.spiking != nil {
        var rates = [Float](repeating: 0, count: neurons)
        for (place, spike) in recording.spikes.values.enumerated() {
          rates[place % neurons] += spike
        }
        let rows = Float(input.batch * input.steps)
        activity.name += "F, \(layer.recurrence.topology.rawValue)"
        activity.raster = recording.spikes.values[..<count].map { $0 != 0 }
        activity.firingRates = rates.map { $0 / rows }
      }
      activities.append(activity)
    }
    return activities
  }

  /// The last spiking layer's mean spikes, by class.
  private func classActivities(_ batch: Batch) throws(SpindleError) -> [ClassActivity] {
    guard case .classes(let labels)? = batch.target, network.outputs <= Self.mostClasses,
      let last = network.layers.lastIndex(where: { $0.neurons.spiking != nil })
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

  /// The parameters, and after weights that lie on a grid what the chip makes of them.
  private func weights() throws(SpindleError) -> [WeightMatrix] {
    let effective = try network.effective()
    var matrices: [WeightMatrix] = []
    for parameter in network.parameters {
      guard parameter.role.isWeight || parameter.isLearned else { continue }
      matrices.append(try matrix(parameter, of: network))
      let layer = network.layers[parameter.layer]
      guard parameter.role.isWeight, let grid = layer.hardware.quantization else { continue }
      var onGrid = try matrix(parameter, of: effective)
      onGrid.name += ".grid"
      onGrid.title += " on its grid of \(grid.bits) bits"
      matrices.append(onGrid)
    }
    return matrices
  }

  private func matrix(
    _ parameter: Parameter, of network: Network
  ) throws(SpindleError) -> WeightMatrix {
    let span = try network.values(of: parameter.name)
    let kind = parameter.role.rawValue.replacingOccurrences(of: "_", with: " ")
    let isRecurrent = parameter.role == .recurrentWeight
    return WeightMatrix(
      name: parameter.name, title: "Layer \(parameter.layer): \(kind)",
      rows: parameter.shape.count == 2 ? parameter.shape[0] : 1,
      columns: parameter.shape[parameter.shape.count - 1],
      rowLabel: isRecurrent ? "Source neuron" : "Input",
      columnLabel: isRecurrent ? "Target neuron" : "Neuron",
      values: span.indices.map { span[$0] })
  }
}
