import Foundation
import SpindleFiles

/// Tells on standard error how a job goes: on a terminal one line, rewritten at most ten times a
/// second; elsewhere a plain line every ten seconds.
struct Progress {
  private let total: Int
  private let first: Int
  private let unit: String
  private let width: Int?
  private let interval: Duration
  private let start = ContinuousClock.now
  private var next: ContinuousClock.Instant
  private var isShown = false

  /// A job of `total` units, of which `first` were done before it began.
  init(total: Int, unit: String, first: Int = 0) {
    self.total = total
    self.first = first
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
    let rate = Double(done - first) / seconds
    let left = Double(total - done) / rate
    show(
      "\(done)/\(total) \(unit)s, \(String(format: "%.4g", rate)) \(unit)s/s, "
        + "ETA \(Self.clock(left)), \(detail())")
  }

  /// Clears the line.
  mutating func finish() {
    guard isShown, width != nil else { return }
    StandardError.write("\r\u{1B}[K")
    isShown = false
  }

  private mutating func show(_ line: String) {
    if let width {
      StandardError.write("\r" + printableLine(line).prefix(max(width - 1, 1)) + "\u{1B}[K")
    } else {
      StandardError.print(line)
    }
    isShown = true
  }

  private static func clock(_ seconds: Double) -> String {
    // Billions of epochs may take longer than an Int holds; before the first step nothing is known.
    guard seconds.isFinite, seconds >= 0 else { return "?" }
    let whole = Int(min(seconds, 1e12).rounded())
    return String(format: "%d:%02d", whole / 60, whole % 60)
  }
}
