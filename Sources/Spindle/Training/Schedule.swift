/// The learning rate over a run of S steps: a factor of the optimizer's own at step k, from 0 to
/// S - 1.
public struct Schedule: Sendable, Equatable {
  /// The form of the factor f.
  public enum Kind: Sendable, Equatable {
    /// f = 1.
    case constant
    /// f = factor^(k / every), the quotient rounded down.
    case step(every: Int, factor: Double)
    /// f = end + (1 - end) (1 + cos(pi k / S)) / 2 (Loshchilov and Hutter 2017, without restarts).
    case cosine(end: Double)
    /// From start up to 1 over the first `rise` of the run, then down to end, both along a cosine
    /// (Smith and Topin 2019); the steps are those of PyTorch's OneCycleLR.
    case oneCycle(rise: Double, start: Double, end: Double)
  }

  /// The form of the factor.
  public var kind: Kind
  /// Over the first so many steps W the factor is multiplied by (k + 1) / W; 0 for none.
  public var warmUp: Int

  /// Nothing is checked before `Trainer.fit`.
  public init(_ kind: Kind, warmUp: Int = 0) {
    self.kind = kind
    self.warmUp = warmUp
  }

  /// The same rate throughout.
  public static let constant = Schedule(.constant)
  /// `factor` times the rate every so many steps.
  public static func step(every: Int, factor: Double = 0.1, warmUp: Int = 0) -> Schedule {
    Schedule(.step(every: every, factor: factor), warmUp: warmUp)
  }
  /// Half a cosine from 1 down to `end`.
  public static func cosine(end: Double = 0, warmUp: Int = 0) -> Schedule {
    Schedule(.cosine(end: end), warmUp: warmUp)
  }
  /// Up and down again; the defaults are those of PyTorch's OneCycleLR, whose max_lr is the
  /// optimizer's rate.
  public static func oneCycle(
    rise: Double = 0.3, start: Double = 1.0 / 25, end: Double = 1.0 / 25 / 1e4, warmUp: Int = 0
  ) -> Schedule {
    Schedule(.oneCycle(rise: rise, start: start, end: end), warmUp: warmUp)
  }

  /// The factor at a step of a run of `total` steps; behind the last step that of the last.
  public func factor(step: Int, of total: Int) -> Double {
    let step = min(step, total - 1)
    let warming = step < warmUp ? Double(step + 1) / Double(warmUp) : 1
    return warming * shape(step, total)
  }

  private func shape(_ step: Int, _ total: Int) -> Double {
    switch kind {
    case .constant: return 1
    case .step(let every, let factor): return Mathematics.power(factor, step / every)
    case .cosine(let end): return Self.anneal(from: 1, to: end, Double(step) / Double(total))
    case .oneCycle(let rise, let start, let end):
      let (top, last) = (rise * Double(total) - 1, Double(total - 1))
      let place = Double(step)
      // A run may be too short to rise, or to fall.
      if place <= top, top > 0 { return Self.anneal(from: start, to: 1, place / top) }
      return last > top ? Self.anneal(from: 1, to: end, (place - top) / (last - top)) : 1
    }
  }

  /// Half a cosine between two values.
  private static func anneal(from first: Double, to second: Double, _ part: Double) -> Double {
    second + (first - second) * (1 + Mathematics.cos(.pi * part)) / 2
  }

  /// Refuses numbers outside their ranges.
  func check() throws(SpindleError) {
    try require(
      (0...Limits.size).contains(warmUp), "the steps of warm-up", "from 0 to \(Limits.size)", warmUp
    )
    switch kind {
    case .constant: return
    case .step(let every, let factor):
      try Limits.check(every, "the steps between two changes of the learning rate")
      try Self.check(factor, "the schedule's factor")
    case .cosine(let end): try Self.check(end, "the schedule's end")
    case .oneCycle(let rise, let start, let end):
      try require(rise > 0 && rise < 1, "the schedule's rise", "between 0 and 1", rise)
      try Self.check(start, "the schedule's start")
      try Self.check(end, "the schedule's end")
    }
  }

  private static func check(_ factor: Double, _ what: String) throws(SpindleError) {
    try require(factor >= 0 && factor <= 1, what, "from 0 to 1", factor)
  }
}
