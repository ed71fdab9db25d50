/// The gradient of a layer's weights against the weights.
struct GradientRatio {
  /// Its number in the network.
  var layer: Int
  /// Norm of the gradient over that of the weights; the gradient's own norm where all weights are 0.
  var ratio: Double
}

extension Trainer {
  /// Of all weights that are learned, in the last step.
  mutating func gradientRatios() throws(SpindleError) -> [GradientRatio] {
    try gatherGradients()
    var ratios: [GradientRatio] = []
    for parameter in network.parameters where parameter.isLearned && parameter.role.isWeight {
      let gradient = norm(gradients, parameter.range)
      let weight = norm(network.values, parameter.range)
      ratios.append(
        GradientRatio(
          layer: parameter.layer, ratio: weight > 0 ? gradient / weight : gradient))
    }
    return ratios
  }
}

/// The Euclidean norm of a part.
private func norm(_ values: [Float], _ range: Range<Int>) -> Double {
  var sum = 0.0
  for index in range { sum += Double(values[index]) * Double(values[index]) }
  return sum.squareRoot()
}

extension TrainingWarning {
  /// More than this fraction of a layer's neurons is many.
  static let many = 0.5
  /// A gradient's ratio to its weights that is less than this part of another layer's vanishes.
  static let vanishing = 1e-6
  /// A gradient that is more than this many times its weights explodes.
  static let exploding = 1e3

  /// What an epoch warns of, one warning for one cause: a layer behind a silent one is not blamed for
  /// it, nor are the gradients that a silent or saturated layer stops.
  static func of(
    _ activity: Activity, _ ratios: [GradientRatio], epoch: Int
  ) -> [TrainingWarning] {
    let seen = of(activity, epoch: epoch)
    let silent = seen.first { $0.kind == .nothingFires }?.layer
    let saturated = seen.last { $0.kind == .everythingFires }?.layer
    let ofActivity = seen.filter { warning in
      guard let silent, warning.layer > silent else { return true }
      return warning.kind != .nothingFires && warning.kind != .manyDead
    }
    let ofGradients = of(ratios, epoch: epoch).filter { warning in
      guard warning.kind == .gradientVanishes else { return true }
      // Above a silent layer there is no input, and below it gradients have to pass through it.
      if silent != nil { return false }
      return saturated.map { warning.layer > $0 } ?? true
    }
    return ofActivity + ofGradients
  }

  /// What the neurons' activity warns of.
  static func of(_ activity: Activity, epoch: Int) -> [TrainingWarning] {
    activity.layers.compactMap { layer in
      let found: (Kind, Double)? =
        if layer.dead == 1 {
          (.nothingFires, 0)
        } else if layer.saturated == 1 {
          (.everythingFires, layer.firingRate)
        } else if layer.dead > many {
          (.manyDead, layer.dead)
        } else if layer.saturated > many {
          (.manySaturated, layer.saturated)
        } else {
          nil
        }
      return found.map { .init(kind: $0.0, layer: layer.layer, epoch: epoch, value: $0.1) }
    }
  }

  /// What the gradients of the weights warn of.
  static func of(_ ratios: [GradientRatio], epoch: Int) -> [TrainingWarning] {
    let largest = ratios.map(\.ratio).max() ?? 0
    return ratios.compactMap { gradient in
      let kind: Kind? =
        if gradient.ratio > exploding {
          .gradientExplodes
        } else if gradient.ratio == 0 || gradient.ratio < vanishing * largest {
          .gradientVanishes
        } else {
          nil
        }
      return kind.map {
        .init(kind: $0, layer: gradient.layer, epoch: epoch, value: gradient.ratio)
      }
    }
  }
}
