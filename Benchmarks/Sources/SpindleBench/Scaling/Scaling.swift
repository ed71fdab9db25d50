import Foundation
import Spindle

/// How the time of a training step grows: straight with B and T, how with N, and with the density
/// of spikes, where automatic sums are set against every way forced.
struct Scaling {
  private let execution: Execution
  private let seconds: Double
  private let folder: URL

  /// - Parameter seconds: shortest time for each point.
  init(execution: Execution, seconds: Double, folder: String) throws {
    self.execution = execution
    self.seconds = seconds
    self.folder = URL(fileURLWithPath: folder, isDirectory: true)
    try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
  }

  /// The shape from which one size at a time departs: a recurrent layer of W2's size.
  private static func base() -> Workload {
    Workload(
      what: "scaling", batch: 64, steps: 100, inputs: 256, hidden: 128, outputs: nil,
      topology: .rc, density: 0.03, analog: nil, threshold: 1, slope: 1, weightMean: 0,
      weightStd: 0.19, recurrentStd: 0.0265, loss: Loss.meanRateMSE.name)
  }

  func run() throws {
    try growth("B", "batch B", [16, 32, 64, 128, 256, 512], isStraight: true) { $0.batch = $1 }
    try growth("T", "steps T", [25, 50, 100, 200, 400, 800], isStraight: true) { $0.steps = $1 }
    let widths = [8, 16, 32, 64, 128, 256, 512, 1024, 2048]
    try growth("N", "neurons N", widths, isStraight: false) { workload, width in
      workload.hidden = width
      workload.recurrentStd = 0.3 / Float(width).squareRoot()
    }
    let densities = [0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.75, 0.9]
    try byDensity("input_density", "density of input spikes", densities) { density in
      try DensityPoint.byInput(density)
    }
    try byDensity("firing_rate", "firing rate", densities) { rate in
      try DensityPoint.byFiring(rate, execution)
    }
  }

  /// Step time against one size.
  private func growth(
    _ name: String, _ axis: String, _ sizes: [Int], isStraight: Bool,
    _ change: (inout Workload, Int) -> Void
  ) throws {
    var points: [(x: Double, y: Double)] = []
    for size in sizes {
      var workload = Self.base()
      change(&workload, size)
      let run = try EngineRun(Material(workload), execution, learningRate: 0)
      let timing = try Timing(atLeast: seconds) { try run.step($0) }
      points.append((Double(size), timing.median))
      print("\(axis) \(size): \((timing.median * 1e3).text(4)) ms")
    }
    let line = LinearFit(points)
    var plot = ScalingPlot(name: name, axis: axis, columns: ["step_ms"])
    plot.rows = points.map { [$0.x, $0.y * 1e3] }
    if isStraight {
      plot.line = (line.offset * 1e3, line.slope * 1e3)
      print(
        "\(axis): step = \((line.offset * 1e3).text(4)) ms + \((line.slope * 1e6).text(3)) us each;"
          + " largest deviation \((line.largestDeviation * 100).text(1)) %")
    }
    try plot.write(to: folder)
  }

  /// Step time against a density, for every way to take the sums.
  private func byDensity(
    _ name: String, _ axis: String, _ densities: [Double],
    _ makePoint: (Double) throws -> DensityPoint
  ) throws {
    var plot = ScalingPlot(
      name: name, axis: axis + " %", columns: Sums.allCases.map { "\($0.rawValue)_ms" })
    var worst = (best: 0.0, dense: 0.0)
    for density in densities {
      let point = try makePoint(density)
      let times = try point.measure(execution, seconds: seconds)
      let (automatic, forced) = (times[0], times.dropFirst())
      let dense = times[times.count - 1]
      plot.rows.append([point.density * 100] + times.map { $0 * 1e3 })
      let ratios = (best: automatic / (forced.min() ?? .nan), dense: automatic / dense)
      worst = (max(worst.best, ratios.best), max(worst.dense, ratios.dense))
      let texts = zip(Sums.allCases, times).map { "\($0.rawValue) \(($1 * 1e3).text(3))" }
      print(
        "\(axis) \((point.density * 100).text(1)) %: \(texts.joined(separator: ", ")) ms; automatic"
          + " to the best \(ratios.best.text(3)), to dense \(ratios.dense.text(3))")
    }
    print(
      "\(axis): automatic at most \(worst.best.text(3)) times the best,"
        + " \(worst.dense.text(3)) times dense")
    try plot.write(to: folder)
  }
}
