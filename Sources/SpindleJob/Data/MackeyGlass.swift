import Spindle
import SpindleJSON

/// A chaotic series to be foretold (Mackey and Glass 1977), a long recording with a memory of its
/// own:
///
///     dx/dt = 0.2 x(t - delay) / (1 + x(t - delay)^10) - 0.1 x(t)
///
/// A step of the network is a unit of its time. Input and target are (x - 0.9) / 0.25, which is
/// about of mean 0 and deviation 1; the target is `horizon` steps ahead.
struct MackeyGlass: Sendable {
  /// T.
  var steps = 10_000
  /// Samples, each from a past of its own.
  var samples = 1
  /// Units of time; from 17 on the series is chaotic.
  var delay = 17
  /// Steps.
  var horizon = 6
  var seed: UInt64 = 0

  /// Euler steps of a unit of time would be too coarse; these are of Runge and Kutta's fourth order.
  private static let parts = 10
  /// Units of time before a sample, in which its past is forgotten.
  private static let warmUp = 500

  static let table = KeyTable(
    MackeyGlass(),
    [
      .init("steps", .count, "T.", at: \.steps),
      .init("samples", .count, "How many samples.", at: \.samples),
      .init(
        "delay", .integer(1...1000), "The delay of the series, in steps; from 17 on it is chaotic.",
        at: \.delay),
      .init(
        "horizon", .integer(1...1000), "By how many steps the target is ahead of the input.",
        at: \.horizon),
      .init("seed", .seed, "Seed of the samples' pasts.", at: \.seed),
    ])

  /// Samples [count, T, 1] with targets [count, T, 1].
  func dataset() throws(SpindleError) -> Dataset {
    var random = RandomStream(seed: seed, stream: Generator.stream)
    var inputs: [Float] = []
    var targets: [Float] = []
    for _ in 0..<samples {
      let past = try random.uniform(low: 0.5, high: 1.3, count: 1)
      let series = series(from: Double(past[0]), count: steps + horizon)
      inputs += series.prefix(steps)
      targets += series.suffix(steps)
    }
    return try Dataset(
      inputs, count: samples, steps: steps, units: 1,
      targets: .values(Tensor(shape: [samples, steps, 1], values: targets)))
  }

  /// One number for each unit of time, from a constant past on.
  private func series(from past: Double, count: Int) -> [Float] {
    // The last `delay` units, the oldest at `place`.
    var history = [Double](repeating: past, count: delay * Self.parts)
    var (x, place) = (past, 0)
    var series: [Float] = []
    series.reserveCapacity(count)
    for step in 0..<(Self.warmUp + count) * Self.parts {
      let next = (place + 1) % history.count
      let delayed = (history[place], history[next])
      let now = x
      x = Self.advanced(x, delayed)
      history[place] = now
      place = next
      if step >= Self.warmUp * Self.parts, step % Self.parts == 0 {
        series.append(Float((now - 0.9) / 0.25))
      }
    }
    return series
  }

  /// x after one part of a unit of time, with x(t - delay) at its beginning and end.
  private static func advanced(_ x: Double, _ delayed: (Double, Double)) -> Double {
    let h = 1 / Double(parts)
    func slope(_ x: Double, _ delayed: Double) -> Double {
      let square = delayed * delayed
      let fourth = square * square
      return 0.2 * delayed / (1 + fourth * fourth * square) - 0.1 * x
    }
    let middle = (delayed.0 + delayed.1) / 2
    let a = slope(x, delayed.0)
    let b = slope(x + h / 2 * a, middle)
    let c = slope(x + h / 2 * b, middle)
    let d = slope(x + h * c, delayed.1)
    return x + h / 6 * (a + 2 * (b + c) + d)
  }
}
