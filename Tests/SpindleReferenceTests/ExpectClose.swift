import Testing

/// Requires |a - b| <= tolerance x the largest |b| everywhere; reports the worst place.
func expectClose(
  _ values: [Double], _ expected: [Double], _ tolerance: Double, _ name: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  guard values.count == expected.count else {
    Issue.record(
      "\(name): \(values.count) elements, not \(expected.count)", sourceLocation: sourceLocation)
    return
  }
  let scale = expected.reduce(0) { max($0, $1.magnitude) }
  var worst: (index: Int, error: Double)?
  for (index, (value, reference)) in zip(values, expected).enumerated() {
    let error = (value - reference).magnitude
    // Written so that NaN fails.
    if !(error <= tolerance * scale), worst.map({ !(error <= $0.error) }) ?? true {
      worst = (index, error)
    }
  }
  if let (index, error) = worst {
    Issue.record(
      """
      \(name)[\(index)] is \(values[index]), not \(expected[index]): off by \(error), \
      allowed \(tolerance * scale)
      """, sourceLocation: sourceLocation)
  }
}
