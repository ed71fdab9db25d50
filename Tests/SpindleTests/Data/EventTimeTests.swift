import Foundation
import Testing

@testable import Spindle

/// Events at the beginning of a step, their times rounded by whatever wrote them.
struct EventTimeTests {
  /// From 10 microseconds to a second, some of them no decimals.
  static let timeSteps = [
    1e-5, 2.5e-5, 1e-4, 1.0 / 8192, 2e-4, 5e-4, 1e-3, 1.0 / 700, 3e-3, 1.0 / 240, 0.01, 1.0 / 30,
    0.1,
    0.3, 1,
  ]

  /// The steps of times; nil outside.
  private func steps(
    _ times: [Double], _ timeStep: Double, count: Int, start: Double = 0,
    precision: TimePrecision = .float64
  ) throws -> [Int?] {
    let table = try EventTable(
      samples: [Int](repeating: 0, count: times.count), times: times,
      units: [Int](repeating: 0, count: times.count), precision: precision)
    let window = EventWindow(timeStep: timeStep, steps: count, units: 1, start: start)
    let edges = EventEdges(
      window, precision,
      looksLikeFloat32: !precision.isNarrow && table.looksLikeFloat32)
    return try times.map { try edges.step(of: $0) }
  }

  private func expectSteps(
    _ wanted: [Int], _ times: [Double], _ timeStep: Double, start: Double = 0,
    precision: TimePrecision = .float64, _ what: String
  ) throws {
    let found = try steps(
      times, timeStep, count: (wanted.max() ?? 0) + 2, start: start, precision: precision)
    let wrong = zip(wanted, found).filter { $0 != $1 }
    #expect(
      wrong.isEmpty,
      "\(what): \(wrong.count) of \(wanted.count) wrong at \(timeStep): \(wrong.prefix(3))")
  }

  /// The first steps, and some of a recording of up to 2^30 of them.
  private func numbers(upTo most: Double = 0x1p30) -> [Int] {
    var random = SplitMix(seed: 9)
    let last = Int(min(most, 0x1p29))
    let spread = (0..<200).map { _ in Int.random(in: 0...last, using: &random) }
    return (0..<min(400, last)) + spread.sorted()
  }

  @Test(arguments: timeSteps) func float64(timeStep: Double) throws {
    let numbers = numbers()
    let perSecond = (1 / timeStep).rounded()
    try expectSteps(numbers, numbers.map { Double($0) * timeStep }, timeStep, "products")
    if abs(perSecond * timeStep - 1) < 1e-12 {
      try expectSteps(numbers, numbers.map { Double($0) / perSecond }, timeStep, "quotients")
    }
    // Microseconds times 1e-6, where a step has a whole number of them.
    let micros = (timeStep * 1e6).rounded()
    if abs(micros - timeStep * 1e6) < 1e-9 {
      try expectSteps(numbers, numbers.map { Double($0) * micros * 1e-6 }, timeStep, "microseconds")
      try expectSteps(numbers, numbers.map { Double($0) * micros / 1e6 }, timeStep, "microseconds")
    }
  }

  /// Neighbours of what was written are within the rounding, or clearly outside of it.
  @Test(arguments: timeSteps) func neighbours(timeStep: Double) throws {
    let numbers = numbers().dropFirst()
    let times = numbers.map { Double($0) * timeStep }
    try expectSteps(Array(numbers), times.map(\.nextUp), timeStep, "next above")
    try expectSteps(Array(numbers), times.map(\.nextDown), timeStep, "next below")
    try expectSteps(
      numbers.map { $0 - 1 }, times.map { $0 - 4 * $0.ulp }, timeStep, "clearly before")
    try expectSteps(
      numbers.map { $0 - 1 }, numbers.map { (Double($0) - 1e-4) * timeStep }, timeStep,
      "before by a ten-thousandth of a step")
    try expectSteps(
      numbers.map { $0 - 1 }, numbers.map { (Double($0) - 0.5) * timeStep }, timeStep, "in between")
  }

  @Test(arguments: timeSteps) func float32(timeStep: Double) throws {
    let numbers = numbers(upTo: 0x1p21)
    let rounded = numbers.map { Double(Float(Double($0) * timeStep)) }
    let own = numbers.map { Double(Float($0) * Float(timeStep)) }
    for precision in [TimePrecision.float32, .float64] {
      try expectSteps(numbers, rounded, timeStep, precision: precision, "rounded, \(precision)")
    }
    try expectSteps(numbers, own, timeStep, precision: .float32, "multiplied in float32")
    let between = numbers.map { Double(Float((Double($0) + 0.5) * timeStep)) }
    try expectSteps(numbers, between, timeStep, precision: .float32, "in between")
    // Three spacings of the type before the edge are not its rounding.
    let before = numbers.dropFirst().map { number in
      let time = Float(Double(number) * timeStep)
      return Double(time - 3 * time.ulp)
    }
    try expectSteps(
      numbers.dropFirst().map { $0 - 1 }, before, timeStep, precision: .float32, "clearly before")
  }

  @Test(arguments: timeSteps) func coarseTypes(timeStep: Double) throws {
    for (precision, bits) in [(TimePrecision.float16, 11), (.bfloat16, 8)] {
      // As far as neighbours of the type are at most a step apart.
      let last = (1 << bits) - 1
      let numbers = (0...last).filter {
        precision.spacing(at: Double($0 + 1) * timeStep) <= timeStep
      }
      guard numbers.count > 1 else { continue }
      let times = numbers.map { precision.rounded(Double($0) * timeStep) }
      try expectSteps(numbers, times, timeStep, precision: precision, "\(precision)")
      let far = precision.rounded(timeStep * 0x1p12)
      guard far.isFinite, precision.spacing(at: far) > timeStep else { continue }
      #expect(throws: SpindleError.self) {
        try steps([far], timeStep, count: 1 << 13, precision: precision)
      }
    }
  }

  @Test func roundingToATypeIsThatOfTheMachine() {
    var random = SplitMix(seed: 4)
    for _ in 0..<1000 {
      let value =
        Double.random(in: -10...10, using: &random)
        * pow(10, Double.random(in: -42...5, using: &random))
      #expect(TimePrecision.float32.rounded(value) == Double(Float(value)))
      #expect(TimePrecision.float64.rounded(value) == value)
    }
    #expect(TimePrecision.float16.rounded(0.1) == 0x1.998p-4)
    #expect(TimePrecision.bfloat16.rounded(0.1) == 0x1.9ap-4)
    #expect(TimePrecision.float16.rounded(1e-5) == 168 * 0x1p-24)
  }

  /// Decimals of some format, as a .csv file has them.
  @Test(
    arguments: timeSteps,
    ["%.6f", "%.7f", "%.9f", "%.9g", "%.6e", "%.18e", "%.17g"])
  func decimals(timeStep: Double, format: String) throws {
    // As far as the format tells steps apart by a hundred of its units.
    let most: Double =
      switch format {
      case "%.6e": 2e4
      case "%.9g": 2e6
      default: 2e6
      }
    if format == "%.6f", timeStep < 1e-4, timeStep != 1e-5 { return }
    let numbers = numbers(upTo: most).shuffled()
    let text =
      "0,0,0\n" + numbers.map { String(format: "0,\(format),0\n", Double($0) * timeStep) }.joined()
    let table = try NumericTable(bytes: Array(text.utf8), path: "e.csv")
    let times = (0..<table.rows).map { table.values[3 * $0 + 1] }
    try expectSteps(
      [0] + numbers, times, timeStep, precision: table.precisions[1], "\(format)")
    let near = numbers.filter { $0 < 1 << 21 }
    let single =
      "0,0.5,0\n" + near.map { String(format: "0,%.9g,0\n", Float(Double($0) * timeStep)) }.joined()
    let floats = try NumericTable(bytes: Array(single.utf8), path: "e.csv")
    if format == "%.9g" {
      try expectSteps(
        near, Array((0..<floats.rows).map { floats.values[3 * $0 + 1] }.dropFirst()), timeStep,
        precision: floats.precisions[1], "float32 in decimals")
    }
  }

  /// Coarse decimals are times, not roundings of the edges of steps.
  @Test func coarseDecimals() throws {
    func step(_ text: String, _ timeStep: Double) throws -> Int? {
      let table = try NumericTable(bytes: Array("0,\(text),0\n0,\(text),0\n".utf8), path: "e.csv")
      return try steps(
        [table.values[1]], timeStep, count: 1000, precision: table.precisions[1])[0]
    }
    #expect(try step("0.5", 0.26) == 1)
    #expect(try step("0.03", 0.0101) == 2)
    #expect(try step("0.0349999", 1e-3) == 34)
    #expect(try step("0.034", 1e-3) == 34)
    #expect(try step("35e-3", 1e-3) == 35)
    #expect(try step("0.0333333", 1.0 / 30) == 1)
  }

  /// No number hangs or traps.
  @Test func numbersAtTheEnds() throws {
    let numbers = [0, 5e-324, 1e-300, 1e-5, 1, 1e17, 1e300, .greatestFiniteMagnitude]
    for precision in [
      TimePrecision.float64, .float32, .float16, .bfloat16, .decimals(places: 400, digits: 1),
      .decimals(places: -5, digits: 0), .decimals(places: 3, digits: 1000),
    ] {
      for timeStep in numbers.dropFirst() {
        for start in numbers + numbers.map({ -$0 }) {
          for time in numbers + numbers.map({ -$0 }) {
            let found = try? steps(
              [time], timeStep, count: 1000, start: start, precision: precision)[0]
            #expect(found == nil || (0..<1000).contains(found ?? 0))
          }
        }
      }
    }
  }

  @Test func startsOtherThanZero() throws {
    for start in [-0.1, 0.1, 1.7, -250.3, 1_700_000_000] {
      for timeStep in [1e-3, 1e-4, 0.02] {
        let numbers = Array(0..<3000)
        let times = numbers.map { start + Double($0) * timeStep }
        try expectSteps(numbers, times, timeStep, start: start, "from \(start)")
        let between = numbers.map { start + (Double($0) + 0.5) * timeStep }
        try expectSteps(numbers, between, timeStep, start: start, "from \(start), in between")
      }
    }
  }
}
