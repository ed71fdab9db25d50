import Foundation
import Spindle
import SpindleJSON

/// What a network does on several chips of those that mismatch makes.
public struct ChipEvaluation: Sendable {
  /// The samples.
  public let part: EvaluatedPart
  /// Whether the values are accuracies; else they are losses.
  public let isAccuracy: Bool
  /// Of each chip.
  public let values: [Double]

  /// "accuracy" or "loss".
  public var measure: String { isAccuracy ? "accuracy" : "loss" }
  /// Over the chips.
  public var mean: Double { values.reduce(0, +) / Double(values.count) }
  /// Over the chips, of a sample of them; 0 for one.
  public var standardDeviation: Double {
    guard values.count > 1 else { return 0 }
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / Double(values.count - 1)).squareRoot()
  }
  /// The least accuracy, or the largest loss.
  public var worst: Double { (isAccuracy ? values.min() : values.max()) ?? .nan }

  /// A line for people.
  public var text: String {
    "\(part.rawValue), \(values.count) chips: \(measure) mean "
      + "\(Words.number(mean)), standard deviation \(Words.number(standardDeviation)), worst "
      + Words.number(worst)
  }

  /// Everything, for programs.
  public var json: JSONValue {
    .object([
      "part": part.rawValue.json, "measure": measure.json,
      "values": values.json, "mean": mean.json, "standard_deviation": standardDeviation.json,
      "worst": worst.json,
    ])
  }
}

extension ChipEvaluation {
  /// Chips on which a run that trained with mismatch is measured at its end.
  static let usualChips = 20

  /// Measures a network, some layer of which has a mismatch, on chips from the first on.
  init(
    of network: Network, configuration: JobConfiguration, data: PreparedData,
    part: EvaluatedPart?, chips: Int, seed: UInt64 = 0, communicator: (any Communicator)? = nil
  ) throws(SpindleError) {
    var evaluations: [PartEvaluation] = []
    for index in 0..<chips {
      evaluations.append(
        try PartEvaluation(
          of: network, configuration: configuration, data: data, part: part,
          on: Chip(seed: seed, index: index), communicator: communicator))
    }
    let accuracies = evaluations.compactMap(\.measurement.accuracy)
    self.part = part ?? data.evaluatedPart
    isAccuracy = !accuracies.isEmpty
    values = isAccuracy ? accuracies : evaluations.map(\.measurement.loss)
  }
}

extension Network {
  /// Whether chips of some layer differ.
  var hasMismatch: Bool { layers.contains { $0.hardware.mismatch != .init() } }
}

/// What a network does with its weights on grids of several bits.
public struct BitsSweep: Sendable {
  /// One line of the table.
  public struct Row: Sendable {
    /// Bits of a weight; nil for the weights as they were trained.
    public let bits: Int?
    /// What came of it.
    public let evaluation: PartEvaluation
  }

  /// The weights as they were trained, then every number of bits.
  public let rows: [Row]

  /// A table for people.
  public var text: String {
    let lines = rows.map { row in
      let measured = row.evaluation.measurement
      let accuracy = measured.accuracy.map { String(format: "%.4f", $0) } ?? "-"
      let rates = measured.activity.layers.map { Words.percent($0.firingRate) }
      return [
        row.bits.map(String.init) ?? "float", accuracy, Words.number(measured.loss),
        rates.joined(separator: ", "),
      ]
    }
    let table = [["bits", "accuracy", "loss", "firing, by layer"]] + lines
    let widths = (0..<4).map { column in table.map { $0[column].count }.max() ?? 0 }
    return table.map { row in
      zip(row, widths).map { text, width in
        text + String(repeating: " ", count: width - text.count)
      }.joined(separator: "  ").trimmingCharacters(in: .whitespaces)
    }.joined(separator: "\n")
  }

  /// Everything, for programs.
  public var json: JSONValue {
    .array(
      rows.map { row in
        .object(["bits": row.bits?.json ?? .null, "evaluation": row.evaluation.json])
      })
  }
}

extension Job {
  /// Measures the network of a checkpoint on several chips.
  ///
  /// - Parameters:
  ///   - checkpoint: the run.
  ///   - choice: which of its parameters.
  ///   - part: the samples; nil as for `evaluate`.
  ///   - chips: how many.
  ///   - seed: what they are drawn from.
  ///   - mismatch: how much they differ; nil for what the configuration says.
  /// - Throws: `JobError.configuration` where no layer has a mismatch.
  public func evaluate(
    _ checkpoint: Checkpoint, _ choice: Checkpoint.Choice, on part: EvaluatedPart? = nil,
    chips: Int, seed: UInt64 = 0, mismatch: Mismatch? = nil
  ) throws(JobError) -> ChipEvaluation {
    guard (1...Self.mostChips).contains(chips) else {
      throw .configuration("the number of chips must be from 1 to \(Self.mostChips), got \(chips)")
    }
    var network = try restored(checkpoint, choice)
    do throws(SpindleError) {
      if let mismatch { network = try network.mismatched(mismatch) }
      guard network.hasMismatch else {
        throw .invalidNetwork("no layer has a hardware.mismatch, so that all chips are the same")
      }
      return try ChipEvaluation(
        of: network, configuration: configuration, data: data, part: part, chips: chips, seed: seed)
    } catch {
      throw .refused(error)
    }
  }

  /// More would take a day.
  static let mostChips = 100_000

  /// Measures the network of a checkpoint with its weights on grids.
  ///
  /// - Parameters:
  ///   - checkpoint: the run.
  ///   - choice: which of its parameters.
  ///   - part: the samples; nil as for `evaluate`.
  ///   - grid: of every layer, whose bits are replaced.
  ///   - bits: of a weight, one row of the table for each.
  public func sweep(
    _ checkpoint: Checkpoint, _ choice: Checkpoint.Choice, on part: EvaluatedPart? = nil,
    grid: Quantization, bits: [Int]
  ) throws(JobError) -> BitsSweep {
    let network = try restored(checkpoint, choice)
    do throws(SpindleError) {
      var rows: [BitsSweep.Row] = []
      for bits in [nil] + bits.map(Optional.some) {
        var own = grid
        own.bits = bits ?? grid.bits
        rows.append(
          BitsSweep.Row(
            bits: bits,
            evaluation: try PartEvaluation(
              of: try network.quantized(bits == nil ? nil : own), configuration: configuration,
              data: data, part: part)))
      }
      return BitsSweep(rows: rows)
    } catch {
      throw .refused(error)
    }
  }
}
