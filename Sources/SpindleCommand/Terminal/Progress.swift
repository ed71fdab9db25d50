/// Tells on standard error how a job goes: on a terminal one line, rewritten at most ten times a
/// second; elsewhere a plain line every ten seconds.
struct Progress {
  private let total: Int
  private let unit: String
  private let width: Int?
  private let interval: Duration
  private let start = ContinuousClock.now
  private var next: ContinuousClock.Instant
  private var isShown = false

  init(total: Int, unit: String) {
    self.total = total
    self.unit = unit
    width = StandardError.terminalWidth
    interval = width == nil ? .seconds(10) : .milliseconds(100)
    next = start + interval
  }

  /// Reports after `done` units; `detail` is asked for only when a line is due.
  mutating func update(_ done: Int, detail: @autoclosure () -> String) {
    let now = ContinuousClock.now
    guard now >= next else { return }
    next = now + interval
    let seconds = (now - start) / .seconds(1)
    let rate = Double(done) / seconds
    let left = Double(total - done) / rate
    show(
      "\(done)/\(total) \(unit)s, \(rate.text(digits: 3)) \(unit)s/s, "
        + "ETA \(Self.clock(left)), \(detail())")
  }

  /// Clears the line.
  mutating func finish() {
    guard isShown, width != nil else { return }
    var error = StandardError()
    error.write("\r\u{1B}[K")
    isShown = false
  }

  private mutating func show(_ line: String) {
    var error = StandardError()
    if let width {
      error.write("\r" + line.prefix(max(width - 1, 1)) + "\u{1B}[K")
    } else {
      error.write(line + "\n")
    }
    isShown = true
  }

  private static func clock(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded())
    let tail = whole % 60 < 10 ? "0\(whole % 60)" : "\(whole % 60)"
    return "\(whole / 60):\(tail)"
  }
}

extension Double {
  /// The number with that many significant digits at least, without an exponent.
  func text(digits: Int) -> String {
    let places = self == 0 ? 0 : Swift.max(0, digits - 1 - Int(log10Magnitude))
    return fixed(places: places)
  }

  /// The number with that many decimal places.
  func fixed(places: Int) -> String {
    guard isFinite, abs(self) < 1e15 else { return "\(self)" }
    let scale = (0..<places).reduce(1.0) { product, _ in product * 10 }
    let scaled = (abs(self) * scale).rounded()
    let whole = Int(scaled / scale)
    let fraction = Int(scaled - Double(whole) * scale)
    let sign = self < 0 && scaled > 0 ? "-" : ""
    guard places > 0 else { return "\(sign)\(whole)" }
    let digits = "\(fraction)"
    return "\(sign)\(whole)." + String(repeating: "0", count: places - digits.count) + digits
  }

  private var log10Magnitude: Double {
    var exponent = 0.0
    var value = abs(self)
    while value >= 10 {
      value /= 10
      exponent += 1
    }
    while value < 1, exponent > -20 {
      value *= 10
      exponent -= 1
    }
    return exponent
  }
}
