import SpindleJSON

/// What nodes without state make of their input, folded into one: y = W x + b.
struct FoldedWeights {
  /// W, row by row.
  private enum Matrix {
    case identity
    case diagonal([Double])
    case full([Double])
  }

  /// I, columns of W.
  let inputs: Int
  /// O, rows of W.
  private(set) var outputs: Int
  /// [O]; nil where no node has one.
  private(set) var bias: [Double]?
  private var matrix = Matrix.identity
  /// The last node that changed the number of outputs, for errors.
  private(set) var source: String

  /// Folds the nodes of a way.
  ///
  /// - Parameters:
  ///   - path: the nodes' names.
  ///   - graph: where they are.
  ///   - inputs: what the first is given.
  ///   - source: who gives it.
  init(
    _ path: [String], in graph: FlatGraph, inputs: Int, from source: String
  ) throws(NIRError) {
    self.inputs = inputs
    outputs = inputs
    self.source = quoted(source)
    for name in path {
      let numbers = try NodeNumbers(name, in: graph)
      switch numbers.node.type {
      case .linear, .affine: try multiply(numbers)
      case .scale: try scale(numbers)
      case .delay:
        let delays = try numbers.numbers("delay", count: outputs, from: self.source)
        if let index = delays.firstIndex(where: { $0 != 0 }) {
          throw numbers.refused(
            "a delay of \(Float(delays[index])) at neuron \(index); Spindle has none but 0")
        }
      default: break
      }
    }
  }

  private mutating func multiply(_ numbers: NodeNumbers) throws(NIRError) {
    if case .full = matrix {
      throw numbers.refused(
        "a \(numbers.node.type.rawValue) follows \(source) without neurons between them; multiply "
          + "the two weights before")
    }
    let (rows, read) = try numbers.matrix(columns: outputs, from: source)
    var values = read
    if case .diagonal(let factors) = matrix {
      for index in values.indices { values[index] *= factors[index % inputs] }
    }
    if numbers.node.type == .affine {
      bias = try numbers.numbers("bias", count: rows, from: "weight")
    }
    matrix = .full(values)
    outputs = rows
    source = quoted(numbers.name)
  }

  private mutating func scale(_ numbers: NodeNumbers) throws(NIRError) {
    let factors = try numbers.numbers("scale", count: outputs, from: source)
    switch matrix {
    case .identity: matrix = .diagonal(factors)
    case .diagonal(let other): matrix = .diagonal(zip(other, factors).map { $0 * $1 })
    case .full(var values):
      for index in values.indices { values[index] *= factors[index / inputs] }
      matrix = .full(values)
    }
    bias = bias.map { zip($0, factors).map { $0 * $1 } }
  }

  /// W [I, O] as Spindle has it, each output's weights times its gain.
  func weights(gains: [Double]) -> [Float] {
    var weights = [Float](repeating: 0, count: inputs * outputs)
    switch matrix {
    case .identity:
      for index in 0..<outputs { weights[index * outputs + index] = Float(gains[index]) }
    case .diagonal(let factors):
      for index in 0..<outputs {
        weights[index * outputs + index] = Float(gains[index] * factors[index])
      }
    case .full(let values):
      for output in 0..<outputs {
        for input in 0..<inputs {
          weights[input * outputs + output] = Float(gains[output] * values[output * inputs + input])
        }
      }
    }
    return weights
  }

  /// The numbers of W's diagonal, each times its output's gain, where all others are zero; nil where
  /// they are not, or where there is no telling.
  func oneToOne(gains: [Double]) -> [Float]? {
    switch matrix {
    case .identity: return gains.map { Float($0) }
    case .diagonal(let factors): return zip(gains, factors).map { Float($0 * $1) }
    case .full(let values):
      guard outputs > 1, outputs == inputs else { return nil }
      for index in values.indices where values[index] != 0 {
        guard index % (outputs + 1) == 0 else { return nil }
      }
      return gains.indices.map { Float(gains[$0] * values[$0 * (outputs + 1)]) }
    }
  }
}
