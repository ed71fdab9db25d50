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
  func weight(_ index: Int) -> Float { Float(index * 37 % 101) / 101 - 0.4 }
  return TrainingReport(
    title: "A sample",
    summary: [SummaryRow(label: "Loss", ours: 0.02, published: 0.019949)],
    configuration: ["topology = RC"],
    losses: (0..<epochs).map { 0.1 / Double($0 + 1) + 0.01 },
    timeStep: 0.001, steps: steps, inputs: inputs, neurons: neurons,
    target: target, output: target.enumerated().map { $1 + ($0 % 3 == 0 ? 0.03 : -0.02) },
    inputWeights: (0..<(inputs * neurons)).map(weight),
    recurrentWeights: isRecurrent ? (0..<(neurons * neurons)).map(weight) : nil,
    raster: target.enumerated().map { $1 > 0.6 && $0 % 2 == 0 },
    firingRates: (0..<neurons).map { Float($0 % 7) / 10 })
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
func fakeGnuplot(_ script: String, in directory: String) throws -> Gnuplot {
  let path = directory + "/fake-gnuplot"
  try ("#!/bin/sh\n" + script + "\n").write(toFile: path, atomically: true, encoding: .utf8)
  try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
  return Gnuplot(environment: [Gnuplot.variable: path])
}
