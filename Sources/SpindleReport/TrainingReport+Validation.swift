extension TrainingReport {
  /// The largest size that a report accepts; with it no product of two sizes overflows.
  static let largestSize = 1 << 24

  /// Checks every size, and the time step.
  public func validate() throws(ReportError) {
    try checkSize("steps", steps)
    guard timeStep.isFinite, timeStep > 0 else { throw .timeStep(got: timeStep) }
    for curve in curves { try check(curve) }
    if let evaluation {
      try checkSize("neurons", evaluation.neurons)
      let count = steps * evaluation.neurons
      try check("target", evaluation.target.count, "steps x neurons", count)
      try check("output", evaluation.output.count, "steps x neurons", count)
    }
    if let confusion {
      try checkSize("classes", confusion.classes)
      try check(
        "confusion", confusion.counts.count, "classes x classes",
        confusion.classes * confusion.classes)
      try check("class names", confusion.names.count, "classes", confusion.classes)
    }
    for layer in layers { try check(layer) }
    for activity in classes {
      try checkSize("neurons", activity.neurons)
      try check(
        "activity of \(activity.name)", activity.rates.count, "steps x neurons",
        steps * activity.neurons)
    }
    for matrix in weights {
      try checkSize("rows of \(matrix.name)", matrix.rows)
      try checkSize("columns of \(matrix.name)", matrix.columns)
      try check(matrix.name, matrix.values.count, "rows x columns", matrix.rows * matrix.columns)
    }
  }

  private func check(_ curve: Curve) throws(ReportError) {
    let count = curve.series.first?.values.count ?? 0
    for series in curve.series {
      try check(
        "\(curve.quantity.rawValue) (\(series.name))", series.values.count, "epochs", count)
    }
  }

  private func check(_ layer: LayerActivity) throws(ReportError) {
    try checkSize("neurons", layer.neurons)
    let count = steps * layer.neurons
    if let raster = layer.raster {
      try check("raster", raster.count, "steps x neurons", count)
      try check("firing rates", layer.firingRates?.count ?? 0, "neurons", layer.neurons)
    }
    if let membrane = layer.membrane {
      try check("membrane", membrane.count, "steps x neurons", count)
    }
  }

  private func checkSize(_ name: String, _ size: Int) throws(ReportError) {
    guard (1...Self.largestSize).contains(size) else {
      throw .dimension(name: name, largest: Self.largestSize, got: size)
    }
  }

  private func check(
    _ name: String, _ count: Int, _ shape: String, _ expected: Int
  ) throws(ReportError) {
    guard count == expected else {
      throw .size(name: name, shape: shape, expected: expected, got: count)
    }
  }
}
