import Spindle

// What a chip makes of the parameters: effective = T(parameters), number by number.
//
//     w^ = s clamp(round(w / s), -Q, Q)    round half to even; Q = 2^(bits - 1) - 1; the gradient
//                                          passes where |w| <= s (Q + 1/2), s being a constant
//     w~ = w^ (1 + sigma e)                each weight
//     p~ = p exp(sigma e)                  each time constant and threshold

/// What a chip makes of one parameter.
struct Effective<Scalar: ReferenceScalar> {
  /// What the network computes with.
  var values: [Scalar]
  /// d values / d parameter.
  var slopes: [Scalar]
}

extension Layer {
  /// Whether the numbers of a role lie on the layer's grid.
  fileprivate func isOnGrid(_ role: Role) -> Bool {
    guard let grid = hardware.quantization else { return false }
    return role.isWeight || role == .bias && grid.includesBias
  }

  /// The steps of the grids of the layer's neurons [N], from the parameters that lie on them.
  fileprivate func steps<Scalar: ReferenceScalar>(_ gridded: [[Scalar]]) -> [Scalar] {
    guard let grid = hardware.quantization, let scale else { return [] }
    let count = neurons.count
    var largest = [Scalar](repeating: 0, count: count)
    for values in gridded {
      for (index, value) in values.enumerated() {
        largest[index % count] = max(largest[index % count], value.magnitude)
      }
    }
    let all = largest.max() ?? 0
    return largest.map { own in
      let range: Scalar
      switch scale {
      case .range(let given): range = Scalar(given)
      case .tensor: range = all > 0 ? all : 1
      case .neuron: range = own > 0 ? own : 1
      }
      let step = range / Scalar(grid.largest)
      guard grid.isPowerOfTwo, step.significand != 1 else { return step }
      return Scalar(sign: .plus, exponent: step.exponent + 1, significand: 1)
    }
  }

  /// What the layer's chip makes of its parameters, by role.
  ///
  /// - Parameters:
  ///   - values: the parameters that the layer has.
  ///   - normals: the numbers e of the chip, where it is one with mismatch.
  func effective<Scalar: ReferenceScalar>(
    _ values: [Role: [Scalar]], normals: [Role: [Scalar]]
  ) -> [Role: Effective<Scalar>] {
    let steps = steps(values.filter { isOnGrid($0.key) }.map(\.value))
    let largest = Scalar(hardware.quantization?.largest ?? 0)
    var result: [Role: Effective<Scalar>] = [:]
    for (role, values) in values {
      var effective = Effective(values: values, slopes: values.map { _ in 1 })
      for i in values.indices where isOnGrid(role) {
        let step = steps[i % neurons.count]
        let ratio = values[i] / step
        let rounded = ratio.rounded(.toNearestOrEven)
        effective.values[i] = step * min(max(rounded, -largest), largest)
        effective.slopes[i] = ratio.magnitude <= largest + 1 / 2 ? 1 : 0
      }
      let sigma = Scalar(hardware.mismatch.spread(of: role))
      if sigma > 0, let normals = normals[role] {
        for i in values.indices {
          let factor = role.isWeight ? 1 + sigma * normals[i] : exp(sigma * normals[i])
          effective.values[i] *= factor
          effective.slopes[i] *= factor
        }
      }
      result[role] = effective
    }
    return result
  }
}

extension Reference {
  /// The penalties of the layers' weights, and adds their gradients by name.
  public func penalizeWeights(_ gradients: inout [String: [Scalar]]) -> Scalar {
    var value = Scalar.zero
    for (index, layer) in description.layers.enumerated() {
      let own = parameters.filter { $0.layer == index && $0.role.isWeight }
      let count = Scalar(own.reduce(0) { $0 + (values[$1.name]?.count ?? 0) })
      for parameter in own {
        guard let weights = values[parameter.name] else { continue }
        var slopes = weights.map { _ in Scalar.zero }
        if let penalty = layer.hardware.magnitudePenalty {
          value += magnitude(penalty, weights, count, &slopes)
        }
        if let penalty = layer.hardware.signPenalty {
          value += mixedSigns(penalty, weights, layer.neurons.count, count, &slopes)
        }
        guard let gradient = gradients[parameter.name] else { continue }
        gradients[parameter.name] = zip(gradient, slopes).map { $0 + $1 }
      }
    }
    return value
  }

  private func magnitude(
    _ penalty: MagnitudePenalty, _ weights: [Scalar], _ count: Scalar, _ slopes: inout [Scalar]
  ) -> Scalar {
    let share = Scalar(penalty.strength) / count
    var value = Scalar.zero
    for (i, weight) in weights.enumerated() {
      let excess = max(0, weight.magnitude - Scalar(penalty.limit))
      value += share * excess * excess
      slopes[i] += share * 2 * excess * (weight < 0 ? -1 : 1)
    }
    return value
  }

  private func mixedSigns(
    _ penalty: SignPenalty, _ weights: [Scalar], _ columns: Int, _ count: Scalar,
    _ slopes: inout [Scalar]
  ) -> Scalar {
    func sign(_ x: Scalar) -> Scalar { x > 0 ? 1 : x < 0 ? -1 : 0 }
    let share = Scalar(penalty.strength) / count
    var value = Scalar.zero
    let rows = weights.count / columns
    for first in stride(from: 0, to: rows, by: penalty.group) {
      for n in 0..<columns {
        let group = (first..<min(rows, first + penalty.group)).map { $0 * columns + n }
        let sum = group.reduce(Scalar.zero) { $0 + weights[$1] }
        value += share * (group.reduce(0) { $0 + weights[$1].magnitude } - sum.magnitude)
        for i in group { slopes[i] += share * (sign(weights[i]) - sign(sum)) }
      }
    }
    return value
  }
}

extension Reference {
  /// What the network computes with in place of a parameter, by its name; nil for an unknown one.
  public func effectiveValues(_ name: String) -> [Scalar]? { effective[name]?.values }
}
