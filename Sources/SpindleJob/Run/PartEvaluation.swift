import Foundation
import Spindle
import SpindleFiles
import SpindleJSON

/// What a network does on a part of the samples.
public struct PartEvaluation: Sendable {
  /// Which part.
  public let part: EvaluatedPart
  /// Loss, confusion matrix and activity.
  public let measurement: Spindle.Measurement
  /// Mean squared error of the linear baseline on the same samples; nil where none was asked for.
  public let baseline: Double?
  /// A name for each class; nil for numbers.
  let classNames: [String]?

  /// Measures a part, or where none is named the test part, else the validation part, else the
  /// samples for training; on a chip, or on one without mismatch; by one process or several together.
  init(
    of network: Network, configuration: JobConfiguration, data: PreparedData,
    part wanted: EvaluatedPart? = nil, on chip: Chip? = nil,
    communicator: (any Communicator)? = nil
  ) throws(SpindleError) {
    let name = wanted ?? data.evaluatedPart
    guard let part = data.part(name) else {
      throw .invalidValue(
        what: "the part to evaluate", expected: "one that data.split makes", got: name.rawValue)
    }
    self.part = name
    var trainer = try configuration.trainer(
      network, steps: part.source.steps, classWeights: data.classWeights, communicator)
    // On input that training has not seen, where it is drawn at random.
    guard let measurement = try trainer.measure(part.source, epoch: Int(UInt32.max), on: chip)
    else {
      throw .engine("the evaluation was stopped")
    }
    self.measurement = measurement
    classNames = configuration.data.classNames
    baseline = try configuration.baseline.map { baseline throws(SpindleError) in
      try LinearBaseline(fitting: data.training.plain, lags: baseline.lags)
        .meanSquaredError(on: part.plain)
    }
  }
}

extension PartEvaluation {
  /// Lines for people.
  public var text: String {
    var lines = ["\(part.rawValue): loss \(Words.number(measurement.loss))"]
    if let accuracy = measurement.accuracy {
      lines[0] += ", accuracy \(Words.number(accuracy))"
    }
    lines[0] += ", \(measurement.samples) samples"
    if let baseline {
      lines.append("linear least squares on the same samples: \(Words.number(baseline))")
    }
    for layer in measurement.activity.layers {
      lines.append(
        "network.layers[\(layer.layer)]: \(Words.percent(layer.firingRate)) of neurons and steps fire, "
          + "\(Words.percent(layer.dead)) of the neurons never, "
          + "\(Words.percent(layer.saturated)) nearly always")
    }
    let operations = measurement.activity.operations
    lines.append(
      "synaptic operations per sample: \(Words.number(operations.accumulates)) additions, "
        + "\(Words.number(operations.multiplyAccumulates)) multiplications")
    if let energy = measurement.energy {
      lines.append(
        "energy per sample: \(Words.number(energy.total)) J, of which synapses "
          + "\(Words.number(energy.synapses)) J (\(Words.number(energy.operations)) operations by "
          + "weights that are not 0), neurons \(Words.number(energy.neurons)) J, spikes "
          + "\(Words.number(energy.spikes)) J, idle \(Words.number(energy.idle)) J")
    }
    return lines.joined(separator: "\n")
  }

  /// Everything, for programs.
  public var json: JSONValue {
    var members = measurement.activity.members
    members["part"] = part.rawValue.json
    members["samples"] = measurement.samples.json
    members["loss"] = measurement.loss.json
    members["sparsity"] = measurement.activity.sparsity?.json
    members["accuracy"] = measurement.accuracy?.json
    members["baseline_mse"] = baseline?.json
    members["energy"] = measurement.energy.map { energy in
      .object([
        "total": energy.total.json, "synapses": energy.synapses.json,
        "neurons": energy.neurons.json, "spikes": energy.spikes.json, "idle": energy.idle.json,
        "operations": energy.operations.json,
      ])
    }
    members["class_names"] = classNames?.json
    members["confusion"] = measurement.confusion.map { confusion in
      let classes = 0..<confusion.classes
      return classes.map { row in classes.map { Int(confusion[row, $0]) } }.json
    }
    return .object(members)
  }
}

/// Numbers for people.
enum Words {
  /// Six significant digits.
  static func number(_ value: Double) -> String { String(format: "%.6g", value) }

  static func percent(_ fraction: Double) -> String { String(format: "%.1f %%", 100 * fraction) }
}

extension PartEvaluation {
  /// Classes above which a table would not fit a terminal.
  private static let mostClasses = 32

  /// A name that does not break the table.
  private static func shortened(_ name: String) -> String {
    let name = printableLine(name)
    return name.count <= mostLetters ? name : name.prefix(mostLetters - 1) + "…"
  }

  private static let mostLetters = 24

  /// The confusion matrix as a table: a row a class, a column a prediction. Nil without classes, or
  /// with too many.
  public var confusionTable: String? {
    guard let confusion = measurement.confusion, confusion.classes <= Self.mostClasses else {
      return nil
    }
    let classes = 0..<confusion.classes
    let names = classNames?.map(Self.shortened) ?? classes.map(String.init)
    let width = names.map(\.count).max() ?? 1
    let cell = max(3, (confusion.counts.max() ?? 0).description.count + 1)
    func padded(_ text: String, _ width: Int) -> String {
      String(repeating: " ", count: max(0, width - text.count)) + text
    }
    let head =
      padded("", width) + classes.map { padded(String(names[$0].prefix(cell - 1)), cell) }.joined()
    let rows = classes.map { row in
      padded(names[row], width)
        + classes.map {
          padded(confusion[row, $0] == 0 ? "." : "\(confusion[row, $0])", cell)
        }.joined()
    }
    return (["true class by predicted class:", head] + rows).joined(separator: "\n")
  }
}
