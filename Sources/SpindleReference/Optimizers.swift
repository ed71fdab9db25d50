import Spindle

/// An optimizer with its state: how parameters follow their gradients g.
///
/// Each rule is PyTorch's, from the papers that `Optimizer.Kind` names. In this order: gradients of
/// parameters that must stay positive become those of their logarithms, p g; all are clipped; weights
/// decay; the rule's step is taken from p, or from log p; weights are kept within their bound.
public struct ReferenceOptimizer<Scalar: ReferenceScalar>: Sendable {
  /// The rule and its numbers.
  public var rule: Optimizer
  /// What keeps large gradients small.
  public var clipping: Clipping
  /// Steps taken.
  public private(set) var steps = 0
  /// By name: the sum of gradients with momentum, or their mean.
  public private(set) var mean: [String: [Scalar]] = [:]
  /// By name: the mean of squared gradients, or their infinity norm.
  public private(set) var variance: [String: [Scalar]] = [:]

  /// An optimizer before its first step.
  public init(_ rule: Optimizer, clipping: Clipping = .none) {
    self.rule = rule
    self.clipping = clipping
  }

  /// One step: changes the learned ones of `parameters` that have a gradient; both are by name.
  /// Returns the norm of the gradients before clipping.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  @discardableResult
  public mutating func update(
    _ values: inout [String: [Scalar]], gradients: [String: [Scalar]], of parameters: [Parameter]
  ) -> Scalar {
    var effective: [(parameter: Parameter, p: [Scalar], g: [Scalar])] = []
    for parameter in parameters where parameter.isLearned {
      guard let p = values[parameter.name], let g = gradients[parameter.name] else { continue }
      effective.append((parameter, p, parameter.isPositive ? zip(p, g).map { $0 * $1 } : g))
    }
    let norm = effective.flatMap(\.g).reduce(0) { $0 + $1 * $1 }.squareRoot()
    steps += 1
    for (parameter, p, g) in effective {
      let zeros = g.map { _ in Scalar.zero }
      var m = mean[parameter.name] ?? zeros
      var w = variance[parameter.name] ?? zeros
      values[parameter.name] = g.indices.map {
        updated(p[$0], clip(g[$0], norm), &m[$0], &w[$0], parameter)
      }
      mean[parameter.name] = m
      variance[parameter.name] = w
    }
    return norm
  }

  /// As PyTorch's clip_grad_norm_ (with the same small number) and clip_grad_value_.
  private func clip(_ g: Scalar, _ norm: Scalar) -> Scalar {
    switch clipping {
    case .none: return g
    case .byNorm(let limit): return g * min(1, Scalar(limit) / (norm + 1e-6))
    case .byValue(let limit): return min(max(g, -Scalar(limit)), Scalar(limit))
    }
  }

  /// One number p after its step; m and w are its state.
  private func updated(
    _ p: Scalar, _ gradient: Scalar, _ m: inout Scalar, _ w: inout Scalar, _ parameter: Parameter
  ) -> Scalar {
    let rate = Scalar(rule.learningRate)
    if parameter.isPositive {
      return p * exp(-step(gradient, rate, &m, &w))
    }
    guard parameter.role.isWeight else { return p - step(gradient, rate, &m, &w) }
    let decay = Scalar(rule.weightDecay)
    let isDecoupled = rule.kind == .adamW
    let g = isDecoupled ? gradient : gradient + decay * p
    let kept = isDecoupled ? p * (1 - rate * decay) : p
    let next = kept - step(g, rate, &m, &w)
    guard let bound = rule.weightBound.map({ Scalar($0) }) else { return next }
    return min(max(next, -bound), bound)
  }

  /// What the gradient g asks to be subtracted.
  private func step(
    _ g: Scalar, _ rate: Scalar, _ m: inout Scalar, _ w: inout Scalar
  ) -> Scalar {
    let (beta1, beta2) = (Scalar(rule.beta1), Scalar(rule.beta2))
    let (momentum, epsilon) = (Scalar(rule.momentum), Scalar(rule.epsilon))
    switch rule.kind {
    case .sgd:
      m = momentum * m + g
      return rate * (rule.nesterov ? g + momentum * m : m)
    case .adam, .adamW:
      m = beta1 * m + (1 - beta1) * g
      w = beta2 * w + (1 - beta2) * g * g
      // Both means begin at zero; the quotients undo that.
      let (m1, w1) = (m / (1 - power(beta1, steps)), w / (1 - power(beta2, steps)))
      return rate * m1 / (w1.squareRoot() + epsilon)
    case .adamax:
      m = beta1 * m + (1 - beta1) * g
      w = max(beta2 * w, g.magnitude + epsilon)
      return rate / (1 - power(beta1, steps)) * m / w
    }
  }

  private func power(_ base: Scalar, _ exponent: Int) -> Scalar {
    (0..<exponent).reduce(1) { product, _ in product * base }
  }
}
