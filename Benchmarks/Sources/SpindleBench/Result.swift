import Foundation
import Spindle

/// One line of results: the keys of the peers' lines, and more where the C engine ran.
struct Result: Encodable {
  /// How a layer's sums were taken.
  struct LayerChoice: Encodable {
    let input: String
    /// Without meaning where the layer is not recurrent.
    let recurrence: String
    let inputDensity: Double
    let firingRate: Double
  }

  /// What the engine chose.
  struct Choice: Encodable {
    let layout: String
    let tile: Int
    let window: Int
    let layers: [LayerChoice]
  }

  let peer: String
  let workload: String
  let forwardS: Double
  let stepS: Double
  let runs: Int
  let rate: Double
  let threads: Int
  let isa: String
  var bytesPerNeuronStep: Double?
  var plan: Choice?
  /// 10^9 operations a second of the dense products by themselves; nil where a step has none.
  var denseGflops: Double?
  var denseShareOfPeak: Double?
  var peakGflops: Double?
  /// Of mpirun; nil for one process.
  var ranks: Int?
  /// By all ranks to others in a step; nil for one process.
  var bytesSent: Int?
}

extension Result {
  init(peer: String, _ name: String, _ workload: Workload, _ measured: Measurement) throws {
    self.peer = peer
    self.workload = name
    forwardS = measured.forward.median.rounded(digits: 7)
    stepS = measured.step.median.rounded(digits: 7)
    runs = measured.step.runs
    rate = measured.rate.rounded(digits: 4)
    threads = measured.threads
    isa = measured.isa?.rawValue ?? "as compiled"
    guard let plan = measured.plan, let isa = measured.isa else { return }
    let neuronSteps = workload.batch * workload.steps * workload.neurons
    bytesPerNeuronStep = (Double(plan.traceBytes) / Double(neuronSteps)).rounded(digits: 3)
    self.plan = Choice(plan)
    let peak = Peak.operationsPerSecond(isa: isa, threads: measured.threads)
    peakGflops = (peak * 1e-9).rounded(digits: 1)
    if let speed = try DensePart(workload, plan).operationsPerSecond(isa: isa, threads: threads) {
      denseGflops = (speed * 1e-9).rounded(digits: 1)
      denseShareOfPeak = (speed / peak).rounded(digits: 3)
    }
  }
}

extension Encodable {
  /// One line of JSON.
  func jsonLine() throws -> String {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}

extension Result.Choice {
  init(_ plan: Plan) {
    layout = plan.layout.rawValue
    tile = plan.tile
    window = plan.window
    layers = plan.layers.map { layer in
      Result.LayerChoice(
        input: layer.inputSums.rawValue,
        recurrence: layer.recurrentSums.rawValue,
        inputDensity: layer.inputDensity.rounded(digits: 4),
        firingRate: layer.firingRate.rounded(digits: 4))
    }
  }

  /// "rows, tile 64, window 8, input by events".
  var summary: String {
    let inputs = layers.map(\.input).joined(separator: "/")
    let recurrences = layers.map(\.recurrence).joined(separator: "/")
    let how = layout == "rows" ? ", input \(inputs), recurrence \(recurrences)" : ""
    return "\(layout), tile \(tile), window \(window)\(how)"
  }
}

extension Double {
  func rounded(digits: Int) -> Double {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    return (self * scale).rounded() / scale
  }

  /// With a fixed number of digits after the point.
  func text(_ digits: Int) -> String { String(format: "%.\(digits)f", self) }
}
