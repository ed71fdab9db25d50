import Spindle

/// What the most loaded of many threads has to do over the mean, by workload and job: counted, for
/// machines that are not at hand.
enum PlanLoads {
  static let threads = [8, 16, 32, 64]
  /// Of the hidden neurons; the rates of the workloads are near it.
  static let rate = 0.05

  /// Prints a table. SPINDLE_FORCE_THREADS=1 has to be set, so that as many threads are planned for.
  static func print(
    _ workloads: [(name: String, workload: Workload)], _ execution: Execution
  ) throws {
    var hasHeader = false
    for (name, workload) in workloads {
      let network = try workload.makeNetwork()
      for count in threads {
        var execution = execution
        execution.threads = count
        let plan = try network.plan(
          batch: workload.batch, steps: workload.steps, execution: execution)
        guard plan.threads == count || plan.layout == .lanes else {
          throw BenchmarkError("set SPINDLE_FORCE_THREADS=1, to plan for \(count) threads")
        }
        let loads = try network.loads(
          batch: workload.batch, steps: workload.steps, inputDensity: workload.density, rate: rate,
          execution: execution)
        if !hasHeader {
          row(["workload", "threads", "parts", "tile"] + loads.map(\.name) + ["step"])
          hasHeader = true
        }
        let step = ratio(
          loads.reduce(0) { $0 + $1.most }, loads.reduce(0) { $0 + $1.total }, plan.threads)
        row(
          [name, "\(count)", "\(plan.parts)", "\(plan.tile)"]
            + loads.map { ratio($0.most, $0.total, plan.threads) } + [step])
      }
    }
  }

  private static func row(_ cells: [String]) {
    Swift.print(
      cells.map { $0 + String(repeating: " ", count: max(1, 10 - $0.count)) }.joined())
  }

  private static func ratio(_ most: Double, _ total: Double, _ threads: Int) -> String {
    let thousandths = total > 0 ? (1000 * most * Double(threads) / total).rounded() : 1000
    return "\(thousandths / 1000)"
  }
}
