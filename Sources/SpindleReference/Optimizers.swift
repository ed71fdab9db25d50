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
    (self.rule, self.clipping) = (rule, clipping)
  }

  /// One step: changes the learned ones of `parameters` that have a gradient; both are by name.
  /// Returns the norm of the gradients before clipping.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  @discardableResult
  public mutating func update(
    _ values: inout [String: [Scalar]], gradients: [String: [Scalar]], of parameters: [Parameter]
  ) -> Scalar {
    var (steepest, squares) = ([(Parameter, p: [Scalar], g: [Scalar])](), Scalar.zero)
    for parameter in parameters where parameter.isLearned {
      guard let p = values[parameter.name], var g = gradients[parameter.name] else { continue }
      for i in g.indices {
        if parameter.isPositive { g[i] *= p[i] }
        squares += g[i] * g[i]
      }
      steepest.append((parameter, p, g))
    }
    let norm = squares.squareRoot()
    steps += 1
    for (parameter, p, g) in steepest {
      let zeros = g.map { _ in Scalar.zero }
      var m = mean[parameter.name, default: zeros]
      var w = variance[parameter.name, default: zeros]
      values[parameter.name] = g.indices.map {
        updated(p[$0], clip(g[$0], norm), &m[$0], &w[$0], parameter)
      }
      (mean[parameter.name], variance[parameter.name]) = (m, w)
    }
    return norm
  }

  /// As PyTorch's clip_grad_norm_ (with the same small number) and clip_grad_value_.
  private func clip(_ g: Scalar, _ norm: Scalar) -> Scalar {
    switch clipping {
    case .none: g
    case .byNorm(let limit): g * min(1, Scalar(limit) / (norm + 1e-6))
    case .byValue(let limit): min(max(g, -Scalar(limit)), Scalar(limit))
    }
  }

  /// One number p after its step by the gradient g; m and w are its state.
  private func updated(
    _ p: Scalar, _ g: Scalar, _ m: inout Scalar, _ w: inout Scalar, _ parameter: Parameter
  ) -> Scalar {
    if parameter.isPositive { return p * exp(-step(g, &m, &w)) }
    guard parameter.role.isWeight else { return p - step(g, &m, &w) }
    let decay = Scalar(rule.weightDecay)
    let next =
      rule.kind == .adamW
      ? p * (1 - Scalar(rule.learningRate) * decay) - step(g, &m, &w)
      : p - step(g + decay * p, &m, &w)
    guard let bound = rule.weightBound.map({ Scalar($0) }) else { return next }
    return min(max(next, -bound), bound)
  }

  /// What the gradient g asks to be subtracted.
  private func step(_ g: Scalar, _ m: inout Scalar, _ w: inout Scalar) -> Scalar {
    let (rate, epsilon) = (Scalar(rule.learningRate), Scalar(rule.epsilon))
    let (momentum, beta1, beta2) = (Scalar(rule.momentum), Scalar(rule.beta1), Scalar(rule.beta2))
    // The means begin at zero; division by these undoes that.
    let (bias1, bias2) = (1 - power(beta1, steps), 1 - power(beta2, steps))
    switch rule.kind {
    case .sgd:
      m = momentum * m + g
      return rate * (rule.nesterov ? g + momentum * m : m)
    case .adam, .adamW:
      m = beta1 * m + (1 - beta1) * g
      w = beta2 * w + (1 - beta2) * g * g
      return rate * (m / bias1) / ((w / bias2).squareRoot() + epsilon)
    case .adamax:
      m = beta1 * m + (1 - beta1) * g
      w = max(beta2 * w, g.magnitude + epsilon)
      return rate / bias1 * m / w
    }
  }

  private func power(_ base: Scalar, _ exponent: Int) -> Scalar {
    (0..<exponent).reduce(1) { product, _ in product * base }
  }
}
