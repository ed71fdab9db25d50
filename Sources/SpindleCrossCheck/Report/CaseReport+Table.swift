import Foundation

extension CaseReport {
  /// A table for people: a row for each engine and tensor, and one for the bits of each engine.
  public func table(title: String) -> String {
    let layers = neurons.map(String.init).joined(separator: ", ")
    let head =
      "\(title): \(batch) samples, \(steps) steps, layers of \(layers) neurons, \(loss)\n"
    var table = TextTable()
    table.add("engine", "tensor", "max abs", "max rel", "result", "where")
    for engine in engines {
      for outcome in engine.outcomes {
        let name = engine.outcomes.count == 1 ? engine.engine : engine.name(of: outcome)
        for tensor in outcome.tensors {
          let place = tensor.name == "loss" ? lossText(outcome.loss) : tensor.place
          table.add(
            name, tensor.name, text(tensor.largestDifference), text(tensor.largestRelative),
            tensor.result, place)
        }
      }
      table.add(engine.engine, "bits", "", "", engine.bitsResult, engine.bitsPlace)
    }
    return head + table.rendered(indent: "  ")
  }

  private func lossText(_ loss: Double) -> String {
    let computed = String(format: "%.6f", loss)
    return expectedLoss.map { "\(computed), expected \(String(format: "%.6f", $0))" } ?? computed
  }

  private func text(_ value: Double?) -> String {
    guard let value else { return "-" }
    return value == 0 ? "0" : value.isFinite ? String(format: "%.1e", value) : "NaN"
  }
}

extension TensorComparison.Status {
  fileprivate var text: String {
    switch self {
    case .equal: "equal"
    case .close: "close"
    case .illConditioned: "ill-conditioned"
    case .different: "DIFFERENT"
    case .notFinite: "NOT FINITE"
    case .noExpectation: "no expectation"
    }
  }
}

extension TensorComparison {
  /// The status, with what float32 makes of the network where numbers differ.
  fileprivate var result: String {
    guard let float32Spread else { return status.text }
    let spread = String(format: "%.1e", float32Spread)
    return status.text + (status == .illConditioned ? ": " : "; ") + "float32 differs by \(spread)"
  }

  fileprivate var place: String {
    guard let firstSpike, let differingSpikes else { return index.map { "\($0)" } ?? "" }
    let distance = String(format: "%.3g", firstSpike.distance)
    return "\(differingSpikes) differ, first \(firstSpike.index), potential - threshold \(distance)"
  }
}

extension Run {
  /// As in "avx2 x 2".
  fileprivate var label: String { isa.map { "\($0) x \(threads)" } ?? "x \(threads)" }
}

extension EngineReport {
  /// The engine with the runs that gave this outcome.
  fileprivate func name(of outcome: Outcome) -> String {
    "\(engine) (\(outcome.runs.map(\.label).joined(separator: ", ")))"
  }

  fileprivate var bitsResult: String {
    let runs = outcomes.reduce(0) { $0 + $1.runs.count }
    return !isIdentical ? "DIFFERENT" : runs == 1 ? "one run" : "identical"
  }

  fileprivate var bitsPlace: String {
    let runs = outcomes.flatMap(\.runs)
    guard let firstDifference else { return Self.summary(runs) }
    return "\(outcomes.count) different results of \(runs.count) runs, first in \(firstDifference)"
  }

  /// As in "avx2, avx512 x 1, 2, 5 threads".
  private static func summary(_ runs: [Run]) -> String {
    var (isas, threads): ([String], [String]) = ([], [])
    for run in runs {
      if let isa = run.isa, !isas.contains(isa) { isas.append(isa) }
      if !threads.contains("\(run.threads)") { threads.append("\(run.threads)") }
    }
    guard !isas.isEmpty else { return "" }
    return "\(isas.joined(separator: ", ")); \(threads.joined(separator: ", ")) threads"
  }
}
