import Spindle
import SpindleJSON

/// A regression that no linear filter solves: the target follows the input's positive part alone.
///
///     x_t = a x_{t-1} + sqrt(1 - a^2) noise_t,  a = exp(-dt / input_tau): of deviation 1
///     y_t = b y_{t-1} + (1 - b) max(0, x_t),    b = exp(-dt / target_tau)
///
/// Of max(0, x) for normal x, a linear function of x explains at most (1/4) / (1/2 - 1/(2 pi)),
/// 73 % of the variance.
struct RectifiedNoise: Sendable {
  /// T.
  var steps = 200
  /// Samples.
  var samples = 256
  /// Seconds.
  var inputTau = 0.02
  /// Seconds.
  var targetTau = 0.01
  var seed: UInt64 = 0

  static let table = KeyTable(
    RectifiedNoise(),
    [
      .init("steps", .count, "T.", at: \.steps),
      .init("samples", .count, "How many samples.", at: \.samples),
      .init(
        "input_tau", .number(.positive), "Time constant of the input, in seconds.", at: \.inputTau),
      .init(
        "target_tau", .number(.positive),
        "Time constant of the filter behind the rectification, in seconds.", at: \.targetTau),
      .init("seed", .seed, "Seed of the samples.", at: \.seed),
    ])

  /// Samples [count, T, 1] with targets [count, T, 1].
  func dataset(timeStep: Double) throws(SpindleError) -> Dataset {
    var random = RandomStream(seed: seed, stream: Generator.stream)
    let a = Mathematics.exp(-timeStep / inputTau)
    let b = Mathematics.exp(-timeStep / targetTau)
    let spread = (1 - a * a).squareRoot()
    var inputs: [Float] = []
    var targets: [Float] = []
    for _ in 0..<samples {
      let noise = try random.normal(mean: 0, standardDeviation: 1, count: steps)
      var x = 0.0
      var y = 0.0
      for (step, value) in noise.enumerated() {
        // The first is drawn from the distribution that the others keep to.
        x = step == 0 ? Double(value) : a * x + spread * Double(value)
        y = b * y + (1 - b) * max(0, x)
        inputs.append(Float(x))
        targets.append(Float(y))
      }
    }
    return try Dataset(
      inputs, count: samples, steps: steps, units: 1,
      targets: .values(Tensor(shape: [samples, steps, 1], values: targets)))
  }
}
