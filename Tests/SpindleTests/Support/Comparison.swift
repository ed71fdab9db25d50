/// The largest difference between two arrays, and where it is.
struct Difference: CustomStringConvertible {
  let name: String
  let index: Int
  let got: Double
  let expected: Double
  /// The largest absolute value of what was expected.
  let scale: Double

  var value: Double { abs(got - expected) }
  var description: String {
    "\(name)[\(index)]: got \(got), expected \(expected), which differ by \(value) of \(scale)"
  }

  init(_ name: String, _ got: [Float], _ expected: [Double]) {
    precondition(got.count == expected.count, "\(name): \(got.count) != \(expected.count)")
    var worst = 0
    var largest = -1.0
    for index in got.indices {
      let difference = abs(Double(got[index]) - expected[index])
      // NaN is worse than any number.
      if !(difference <= largest) {
        largest = difference
        worst = index
        if difference.isNaN { break }
      }
    }
    self.name = name
    index = worst
    self.got = got.isEmpty ? 0 : Double(got[worst])
    self.expected = expected.isEmpty ? 0 : expected[worst]
    scale = expected.reduce(0) { max($0, abs($1)) }
  }

  /// Whether the difference is within `relative` of the scale, or of `floor` where that is larger;
  /// false for NaN.
  func isWithin(_ relative: Double, floor: Double = 0) -> Bool {
    value <= relative * max(scale, floor)
  }
}
