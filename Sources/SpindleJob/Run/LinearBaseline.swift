import Spindle

/// The best linear function of the input's last steps, for comparison: y_t = sum over k and i of
/// w_ki x_{t-k,i} + c, before the first step x = 0, fitted by least squares to the training samples.
struct LinearBaseline {
  /// k from 0 to below this.
  let lags: Int
  /// [lags I + 1, N], the constant last.
  private let weights: [Double]
  private let units: Int
  private let outputs: Int

  /// Fits it. O(samples T F^2 + F^3) for F = lags I + 1.
  ///
  /// - Parameter dataset: with targets [count, T, N].
  init(fitting dataset: Dataset, lags: Int) throws(SpindleError) {
    let target = try Self.target(of: dataset)
    self.lags = lags
    units = dataset.units
    outputs = target.shape[2]
    let features = lags * units + 1
    try checkMemory(
      MemoryLayout<Double>.size * [features, features + outputs].volume(of: "a linear baseline"))
    var products = [Double](repeating: 0, count: features * features)
    var sums = [Double](repeating: 0, count: features * outputs)
    var row = [Double](repeating: 0, count: features)
    for sample in 0..<dataset.count {
      let values = dataset[sample]
      for step in 0..<dataset.length(of: sample) {
        Self.fill(&row, values, step, units: units, lags: lags)
        for i in 0..<features where row[i] != 0 {
          for j in 0...i { products[i * features + j] += row[i] * row[j] }
          for n in 0..<outputs {
            sums[i * outputs + n] += row[i] * Double(target[sample, step, n])
          }
        }
      }
    }
    weights = Self.solve(products, sums, size: features, columns: outputs)
  }

  /// Mean over samples of the mean over their steps and outputs of the squared error, as the loss
  /// `membraneMSE` has it.
  func meanSquaredError(on dataset: Dataset) throws(SpindleError) -> Double {
    let target = try Self.target(of: dataset)
    var row = [Double](repeating: 0, count: lags * units + 1)
    var sum = 0.0
    for sample in 0..<dataset.count {
      let values = dataset[sample]
      let weight = 1 / (Double(dataset.count) * Double(dataset.length(of: sample) * outputs))
      for step in 0..<dataset.length(of: sample) {
        Self.fill(&row, values, step, units: units, lags: lags)
        for n in 0..<outputs {
          let output = row.indices.reduce(0) { $0 + row[$1] * weights[$1 * outputs + n] }
          let error = output - Double(target[sample, step, n])
          sum += weight * error * error
        }
      }
    }
    return sum
  }

  private static func target(of dataset: Dataset) throws(SpindleError) -> Tensor {
    guard case .values(let tensor) = dataset.targets, tensor.shape.count == 3 else {
      throw .invalidValue(
        what: "the target of a linear baseline", expected: "of shape [count, T, N]",
        got: "another")
    }
    return tensor
  }

  /// The features of a step.
  private static func fill(
    _ row: inout [Double], _ values: [Float], _ step: Int, units: Int, lags: Int
  ) {
    for lag in 0..<lags {
      for unit in 0..<units {
        row[lag * units + unit] =
          step >= lag ? Double(values[(step - lag) * units + unit]) : 0
      }
    }
    row[lags * units] = 1
  }

  /// Solves A w = b by Cholesky's decomposition; A's lower triangle is given. A millionth of a
  /// millionth of the diagonal's mean is added to it, so that inputs that depend on one another do
  /// no harm.
  private static func solve(
    _ matrix: [Double], _ right: [Double], size: Int, columns: Int
  ) -> [Double] {
    var l = matrix
    let trace = (0..<size).reduce(0) { $0 + matrix[$1 * size + $1] }
    let ridge = max(trace / Double(size) * 1e-12, .leastNormalMagnitude)
    for i in 0..<size {
      for j in 0...i {
        var sum = l[i * size + j] + (i == j ? ridge : 0)
        for k in 0..<j { sum -= l[i * size + k] * l[j * size + k] }
        l[i * size + j] = i == j ? max(sum, ridge).squareRoot() : sum / l[j * size + j]
      }
    }
    var x = right
    for n in 0..<columns {
      for i in 0..<size {
        for k in 0..<i { x[i * columns + n] -= l[i * size + k] * x[k * columns + n] }
        x[i * columns + n] /= l[i * size + i]
      }
      for i in (0..<size).reversed() {
        for k in (i + 1)..<max(size, i + 1) {
          x[i * columns + n] -= l[k * size + i] * x[k * columns + n]
        }
        x[i * columns + n] /= l[i * size + i]
      }
    }
    return x
  }
}
