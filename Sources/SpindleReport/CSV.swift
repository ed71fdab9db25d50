import SpindleFiles

/// The numbers of a report as CSV files, one line of names first. Numbers are printed with as
/// many digits as bring back the same bits.
extension TrainingReport {
  /// The names of all CSV files that a report may have.
  static let csvNames =
    ["summary.csv"] + Curve.Quantity.allCases.map { "\($0.rawValue).csv" } + [
      "target.csv", "output.csv", "confusion.csv", "weights.csv", "raster.csv", "membrane.csv",
      "firing_rates.csv", "classes.csv",
    ]

  /// Name and text of each file.
  func csvFiles() -> [(name: String, text: String)] {
    var files = [(name: "summary.csv", text: summaryCSV())]
    for curve in curves where !curve.isEmpty {
      files.append(("\(curve.quantity.rawValue).csv", curve.csv))
    }
    if let evaluation {
      files.append(("target.csv", timeCSV(evaluation.target, neurons: evaluation.neurons)))
      files.append(("output.csv", timeCSV(evaluation.output, neurons: evaluation.neurons)))
    }
    if let confusion { files.append(("confusion.csv", confusion.csv)) }
    if !weights.isEmpty { files.append(("weights.csv", weightsCSV())) }
    if layers.contains(where: { $0.raster != nil }) {
      files.append(("raster.csv", rasterCSV()))
      files.append(("firing_rates.csv", ratesCSV()))
    }
    if !classes.isEmpty { files.append(("classes.csv", classesCSV())) }
    if layers.contains(where: { $0.membrane != nil }) {
      files.append(("membrane.csv", membraneCSV()))
    }
    return files
  }

  private func summaryCSV() -> String {
    let rows = summary.map { [$0.label, $0.ours, $0.published ?? ""] }
    return ([["quantity", "ours", "published"]] + rows)
      .map { $0.map(csvField).joined(separator: ",") + "\n" }.joined()
  }

  private func timeCSV(_ values: [Float], neurons: Int) -> String {
    var text = "step,time_ms" + (0..<neurons).map { ",neuron_\($0)" }.joined() + "\n"
    for step in 0..<steps {
      text += "\(step),\(Numbers.milliseconds(step, of: timeStep))"
      for value in values[(step * neurons)..<((step + 1) * neurons)] {
        text += ","
        text += value.description
      }
      text += "\n"
    }
    return text
  }

  private func weightsCSV() -> String {
    var text = "parameter,row,column,value\n"
    for matrix in weights {
      let name = csvField(matrix.name)
      for (index, value) in matrix.values.enumerated() {
        text += "\(name),\(index / matrix.columns),\(index % matrix.columns),\(value)\n"
      }
    }
    return text
  }

  private func rasterCSV() -> String {
    var text = "layer,step,time_ms,neuron\n"
    for (number, layer) in layers.enumerated() {
      for (index, isSpike) in (layer.raster ?? []).enumerated() where isSpike {
        let (step, neuron) = index.quotientAndRemainder(dividingBy: layer.neurons)
        text += "\(number),\(step),\(Numbers.milliseconds(step, of: timeStep)),\(neuron)\n"
      }
    }
    return text
  }

  private func ratesCSV() -> String {
    var text = "layer,neuron,fraction_of_steps,hz\n"
    for (number, layer) in layers.enumerated() {
      for (neuron, rate) in (layer.firingRates ?? []).enumerated() {
        text += "\(number),\(neuron),\(rate),\(Double(rate) / timeStep)\n"
      }
    }
    return text
  }

  /// What is not in the file is zero.
  private func classesCSV() -> String {
    var text = "class,step,time_ms,neuron,fraction_of_samples\n"
    for activity in classes {
      for (index, rate) in activity.rates.enumerated() where rate != 0 {
        let (step, neuron) = index.quotientAndRemainder(dividingBy: activity.neurons)
        let time = Numbers.milliseconds(step, of: timeStep)
        text += "\(csvField(activity.name)),\(step),\(time),\(neuron),\(rate)\n"
      }
    }
    return text
  }

  /// Of the neurons that the figure shows: all of them would be the run's largest file by far.
  private func membraneCSV() -> String {
    var text = "layer,neuron,step,time_ms,membrane\n"
    for (number, layer) in layers.enumerated() {
      guard let membrane = layer.membrane else { continue }
      for neuron in someNeurons(of: layer.neurons, atMost: Self.lineColours.count) {
        for step in 0..<steps {
          text += "\(number),\(neuron),\(step),\(Numbers.milliseconds(step, of: timeStep)),"
          text += "\(membrane[step * layer.neurons + neuron])\n"
        }
      }
    }
    return text
  }
}

extension Curve {
  /// Whether there is nothing to draw.
  var isEmpty: Bool { series.allSatisfy(\.values.isEmpty) }

  fileprivate var csv: String {
    var text = (["epoch"] + series.map(\.name)).map(csvField).joined(separator: ",") + "\n"
    for epoch in series[0].values.indices {
      text += "\(epoch + 1)"
      for line in series { text += ",\(line.values[epoch])" }
      text += "\n"
    }
    return text
  }
}

extension Confusion {
  fileprivate var csv: String {
    var text = (["true class"] + names).map(csvField).joined(separator: ",") + "\n"
    for row in 0..<classes {
      let numbers = counts[(row * classes)..<((row + 1) * classes)].map(String.init)
      text += ([csvField(names[row])] + numbers).joined(separator: ",") + "\n"
    }
    return text
  }
}
