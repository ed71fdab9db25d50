extension TrainingReport {
  /// The largest T, I or N that a report accepts; with it no product of two sizes overflows.
  static let largestSize = 1 << 24

  /// Checks every size against T, I and N, and the time step.
  public func validate() throws(ReportError) {
    for (name, size) in [("steps", steps), ("inputs", inputs), ("neurons", neurons)] {
      guard (1...Self.largestSize).contains(size) else {
        throw .dimension(name: name, largest: Self.largestSize, got: size)
      }
    }
    guard timeStep.isFinite, timeStep > 0 else { throw .timeStep(got: timeStep) }
    try check("target", target.count, "steps x neurons", steps * neurons)
    try check("output", output.count, "steps x neurons", steps * neurons)
    try check("inputWeights", inputWeights.count, "inputs x neurons", inputs * neurons)
    if let recurrentWeights {
      try check(
        "recurrentWeights", recurrentWeights.count, "neurons x neurons", neurons * neurons)
    }
    try check("raster", raster.count, "steps x neurons", steps * neurons)
    try check("firingRates", firingRates.count, "neurons", neurons)
  }

  private func check(
    _ name: String, _ count: Int, _ shape: String, _ expected: Int
  ) throws(ReportError) {
    guard count == expected else {
      throw .size(name: name, shape: shape, expected: expected, got: count)
    }
  }
}
