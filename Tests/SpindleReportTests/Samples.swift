import Foundation

@testable import SpindleReport

/// A report with numbers of the right sizes: sinusoids, and an output that is off by a little.
func sampleReport(
  neurons: Int = 8, steps: Int = 100, inputs: Int = 1, isRecurrent: Bool = true, epochs: Int = 200
) -> TrainingReport {
  var target: [Float] = []
  for step in 0..<steps {
    for neuron in 0..<neurons {
      let phase = Double(neuron) / Double(neurons) + 2 * Double(step) / Double(steps)
      target.append(Float(0.5 + 0.4 * sin(2 * Double.pi * phase)))
    }
  }
  let losses = (0..<epochs).map { 0.1 / Double($0 + 1) + 0.01 }
  let output = target.enumerated().map { index, value -> Float in
    value + (index % 3 == 0 ? 0.03 : -0.02)
  }
  return TrainingReport(
    title: "A sample",
    summary: [SummaryRow(label: "Loss", ours: 0.02, published: 0.019949)],
    configuration: ["topology = RC"],
    curves: [Curve(.loss, [.init("training", losses)])],
    timeStep: 0.001, steps: steps,
    evaluation: OutputComparison(
      neurons: neurons, target: target,
      output: output, meaning: "spikes",
      axis: "Spikes per step"),
    layers: [
      LayerActivity(
        name: "Layer 1", neurons: neurons,
        raster: target.enumerated().map { $1 > 0.6 && $0 % 2 == 0 },
        firingRates: (0..<neurons).map { Float($0 % 7) / 10 })
    ],
    weights: [sampleWeights("0.weight", rows: inputs, columns: neurons)]
      + (isRecurrent
        ? [sampleWeights("1.recurrent_weight", rows: neurons, columns: neurons)] : []))
}

/// A matrix of numbers of both signs.
func sampleWeights(_ name: String, rows: Int, columns: Int) -> WeightMatrix {
  WeightMatrix(
    name: name, title: name == "0.weight" ? "Input weights" : "Recurrent weights", rows: rows,
    columns: columns, rowLabel: "Source neuron", columnLabel: "Target neuron",
    values: (0..<(rows * columns)).map { Float($0 * 37 % 101) / 101 - 0.4 })
}

/// A classifier's report, with everything that a report can have.
func classifierReport(classes: Int = 5, epochs: Int = 30) -> TrainingReport {
  var report = sampleReport(epochs: epochs)
  func falling(_ from: Double) -> [Double] { (0..<epochs).map { from / Double($0 + 1) + 0.1 } }
  report.curves = [
    Curve(.loss, [.init("training", falling(2)), .init("validation", falling(2.5))]),
    Curve(.accuracy, [.init("training", falling(2).map { max(0, 1 - $0) })]),
    Curve(.rates, [.init("layer 1", falling(0.1)), .init("layer 3", falling(0.2))]),
  ]
  report.confusion = Confusion(
    classes: classes,
    counts: (0..<(classes * classes)).map { $0 % (classes + 1) == 0 ? 9 : $0 % 2 },
    names: (0..<classes).map { "it's {class}_\($0)\n" })
  report.classes = ["one", "two's {x}"].map {
    ClassActivity(
      name: $0, neurons: 4, rates: (0..<(4 * report.steps)).map { Float($0 % 5) / 5 })
  }
  report.warnings = ["epoch 3, layer 1: <nothing fires>"]
  report.layers.append(
    LayerActivity(
      name: "Layer 3: integrators", neurons: classes,
      membrane: (0..<(classes * report.steps)).map { Float($0 % 13) }))
  return report
}

/// gnuplot as the tests find it, and one that is not there.
let installedGnuplot = Gnuplot(environment: ProcessInfo.processInfo.environment)
let absentGnuplot = Gnuplot(environment: [Gnuplot.variable: "/nonexistent/gnuplot"])

/// The text of a file.
func text(_ directory: String, _ name: String) throws -> String {
  try String(contentsOfFile: directory + "/" + name, encoding: .utf8)
}

/// The cells of a CSV file without its first line.
func cells(_ directory: String, _ name: String) throws -> [[String]] {
  try text(directory, name).split(separator: "\n").dropFirst().map {
    $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  }
}

/// An executable script that stands in for gnuplot.
///
/// A process of its own writes it: a program whose file is open for writing cannot be run, and any
/// process that another test starts meanwhile would hold a file open that this one writes.
func fakeGnuplot(_ script: String, in directory: String) throws -> Gnuplot {
  let path = directory + "/fake-gnuplot"
  let writer = Process()
  writer.executableURL = URL(fileURLWithPath: "/bin/sh")
  writer.arguments = [
    "-c", "printf '%s\\n' \"$1\" > \"$0\" && chmod 755 \"$0\"", path, "#!/bin/sh\n" + script,
  ]
  try writer.run()
  writer.waitUntilExit()
  return Gnuplot(environment: [Gnuplot.variable: path])
}
