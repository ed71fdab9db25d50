import Foundation

/// The numbers of a report as CSV files, one line of names first. Numbers are printed with as
/// many digits as bring back the same bits.
extension TrainingReport {
  /// The names of all CSV files that a report may have.
  static let csvNames = [
    "summary.csv", "loss.csv", "target.csv", "output.csv", "input_weights.csv",
    "recurrent_weights.csv", "raster.csv", "firing_rates.csv",
  ]

  /// Name and text of each file.
  func csvFiles() -> [(name: String, text: String)] {
    var files = [
      ("summary.csv", summaryCSV()),
      ("loss.csv", lossCSV()),
      ("target.csv", timeCSV(target)),
      ("output.csv", timeCSV(output)),
      (
        "input_weights.csv",
        matrixCSV(inputWeights, rows: inputs, corner: "input", column: "neuron")
      ),
      ("raster.csv", rasterCSV()),
      ("firing_rates.csv", ratesCSV()),
    ]
    if let recurrentWeights {
      files.append(
        (
          "recurrent_weights.csv",
          matrixCSV(recurrentWeights, rows: neurons, corner: "source", column: "target")
        ))
    }
    return files.map { (name: $0.0, text: $0.1) }
  }

  private func summaryCSV() -> String {
    let rows = summary.map { [$0.label, $0.ours, $0.published ?? ""] }
    return ([["quantity", "ours", "published"]] + rows)
      .map { $0.map(Self.quoted).joined(separator: ",") + "\n" }.joined()
  }

  private func lossCSV() -> String {
    losses.enumerated().reduce(into: "epoch,loss\n") {
      $0 += "\($1.offset + 1),\($1.element)\n"
    }
  }

  private func timeCSV(_ values: [Float]) -> String {
    var text = "step,time_ms" + header("neuron") + "\n"
    for step in 0..<steps {
      text += "\(step),\(Numbers.milliseconds(step, of: timeStep))"
      append(values[(step * neurons)..<((step + 1) * neurons)], to: &text)
    }
    return text
  }

  private func matrixCSV(
    _ values: [Float], rows: Int, corner: String, column: String
  ) -> String {
    var text = corner + header(column) + "\n"
    for row in 0..<rows {
      text += "\(row)"
      append(values[(row * neurons)..<((row + 1) * neurons)], to: &text)
    }
    return text
  }

  private func rasterCSV() -> String {
    var text = "step,time_ms,neuron\n"
    for step in 0..<steps {
      for neuron in 0..<neurons where raster[step * neurons + neuron] {
        text += "\(step),\(Numbers.milliseconds(step, of: timeStep)),\(neuron)\n"
      }
    }
    return text
  }

  private func ratesCSV() -> String {
    firingRates.enumerated().reduce(into: "neuron,fraction_of_steps,hz\n") {
      $0 += "\($1.offset),\($1.element),\(Double($1.element) / timeStep)\n"
    }
  }

  private func header(_ column: String) -> String {
    (0..<neurons).map { ",\(column)_\($0)" }.joined()
  }

  private func append(_ row: ArraySlice<Float>, to text: inout String) {
    for value in row {
      text += ","
      text += value.description
    }
    text += "\n"
  }

  /// A field in quotes where it holds a character that would end it (RFC 4180).
  private static func quoted(_ field: String) -> String {
    guard field.contains(where: { ",\"\r\n".contains($0) || $0.isNewline }) else { return field }
    return "\"" + field.replacingOccurrences(of: "\"", with: "\"\"") + "\""
  }
}
