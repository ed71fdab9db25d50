import CSpindle

/// How evenly one job of a training step lies on the threads, counted and not measured: in
/// multiply-adds, on processors that are equally fast and do nothing else.
public struct JobLoad: Sendable, Equatable {
  /// "forward", "backward", "gradient", "parts", "norm" or "update".
  public let name: String
  /// Tasks that the threads share.
  public let tasks: Int
  /// Multiply-adds of all threads.
  public let total: Double
  /// Those of the thread that has most.
  public let most: Double
}

extension Network {
  /// Counts the jobs of a training step on as many threads, which the machine need not have.
  ///
  /// The engine plans for no more threads than can run at a time: with SPINDLE_FORCE_THREADS=1 in
  /// the environment for as many as are asked for.
  ///
  /// - Parameters:
  ///   - batch: B.
  ///   - steps: T.
  ///   - inputDensity: the fraction of inputs that fire, from 0 to 1; 1 for analog input.
  ///   - rate: that of neurons.
  ///   - execution: the threads above all.
  /// - Throws: for sizes and densities out of range.
  public func loads(
    batch: Int, steps: Int, inputDensity: Double, rate: Double, execution: Execution
  ) throws(SpindleError) -> [JobLoad] {
    for density in [inputDensity, rate] {
      try require((0...1).contains(density), "a density", "from 0 to 1", density)
    }
    let workspace = try Workspace(self, batch: batch, steps: steps, execution: execution)
    return try workspace.loads(inputDensity, rate)
  }
}

extension Workspace {
  fileprivate func loads(
    _ inputDensity: Double, _ rate: Double
  ) throws(SpindleError) -> [JobLoad] {
    let count = Int(SPINDLE_JOB_COUNT.rawValue)
    var raw = unsafe [spindle_job_load](repeating: spindle_job_load(), count: count)
    try check(unsafe spindle_count_loads(handle, inputDensity, rate, &raw))
    return unsafe raw.map { load in
      unsafe JobLoad(
        name: String(cString: load.name), tasks: Int(load.tasks), total: load.total,
        most: load.most)
    }
  }
}
