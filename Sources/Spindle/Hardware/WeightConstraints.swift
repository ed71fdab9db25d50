/// The sign of all weights of a source (Dale's principle).
public enum SourceSigns: Sendable, Equatable {
  /// 1 for weights of 0 or above, -1 for 0 or below, 0 for any; one for each source.
  case each([Int])
  /// The first sources, this fraction of them, rounded, have weights of 0 or above, the others of 0
  /// or below.
  case excitatory(Double)

  /// The signs of `count` sources.
  package func values(_ count: Int) -> [Int] {
    switch self {
    case .each(let signs): return signs
    case .excitatory(let fraction):
      let excitatory = Int((fraction * Double(count)).rounded())
      return (0..<count).map { $0 < excitatory ? 1 : -1 }
    }
  }
}

/// Which connections there are; the weights of the others are 0 and stay 0.
public enum ConnectionMask: Sendable, Equatable {
  /// 1 where there is one, else 0: a row for each source, a column for each target.
  case each([[Int]])
  /// Each with a probability, drawn from a seed of its own.
  case random(density: Double, seed: UInt64)

  /// The stream of random numbers of masks.
  private static let stream: UInt64 = 6 << 32

  /// [rows columns] of whether there is a connection.
  package func values(rows: Int, columns: Int) throws(SpindleError) -> [Bool] {
    switch self {
    case .each(let rows): return rows.flatMap { $0.map { $0 != 0 } }
    case .random(let density, let seed):
      var random = RandomStream(seed: seed, stream: Self.stream)
      let limit = density * 0x1p32
      return try random.bits(count: rows * columns).map { Double($0) < limit }
    }
  }
}

/// What holds each weight of a layer's matrix.
package enum WeightConstraint: UInt8, Sendable {
  /// Nothing.
  case free = 0
  /// There is no connection: it is 0.
  case absent = 1
  /// It is not negative.
  case excitatory = 2
  /// It is not positive.
  case inhibitory = 4

  /// The value nearest to `value` that is allowed.
  package func projected<Number: BinaryFloatingPoint>(_ value: Number) -> Number {
    switch self {
    case .free: value
    case .absent: 0
    case .excitatory: max(value, 0)
    case .inhibitory: min(value, 0)
    }
  }

  /// What a value that was drawn begins as: of its source's sign.
  func beginning(_ value: Float) -> Float {
    switch self {
    case .free: value
    case .absent: 0
    case .excitatory: value.magnitude
    case .inhibitory: -value.magnitude
    }
  }
}

extension Layer {
  /// What holds the weights of a parameter of this shape [rows, N], or [N]; nil where nothing does.
  package func constraints(
    on role: Role, shape: [Int]
  ) throws(SpindleError) -> [WeightConstraint]? {
    guard role.isWeight else { return nil }
    let isInput = role == .weight
    let signs = isInput ? hardware.inputSigns : hardware.recurrentSigns
    let mask = isInput ? hardware.inputMask : hardware.recurrentMask
    guard signs != nil || mask != nil else { return nil }
    let columns = shape[shape.count - 1]
    let isMatrix = shape.count == 2
    let rows = isMatrix ? shape[0] : 1
    var constraints = [WeightConstraint](repeating: .free, count: rows * columns)
    if let signs = signs?.values(isMatrix ? rows : columns) {
      for index in constraints.indices {
        let sign = signs[isMatrix ? index / columns : index]
        if sign != 0 { constraints[index] = sign > 0 ? .excitatory : .inhibitory }
      }
    }
    if let mask {
      for (index, isThere) in try mask.values(rows: rows, columns: columns).enumerated()
      where !isThere {
        constraints[index] = .absent
      }
    }
    return constraints
  }
}

extension NetworkDescription {
  /// What holds each number of all parameters, as the core takes it; empty where nothing does.
  func constraints(of parameters: [Parameter]) throws(SpindleError) -> [UInt8] {
    var all: [UInt8] = []
    for parameter in parameters {
      let own = try layers[parameter.layer].constraints(on: parameter.role, shape: parameter.shape)
      guard let own else { continue }
      if all.isEmpty {
        all = [UInt8](repeating: 0, count: parameters.last?.range.upperBound ?? 0)
      }
      for (index, constraint) in zip(parameter.range, own) { all[index] = constraint.rawValue }
    }
    return all
  }
}

extension Network {
  /// Moves weights to the nearest that their signs and masks allow.
  mutating func project(_ constraints: [UInt8]) {
    for (index, raw) in constraints.enumerated() {
      values[index] = (WeightConstraint(rawValue: raw) ?? .free).projected(values[index])
    }
  }
}
