extension Trainer {
  /// Which value made a step's loss or gradients infinite or NaN: a potential of the first layer
  /// that has one, else the loss itself, else the first gradient.
  mutating func divergence(
    _ result: StepResult, _ input: Input
  ) throws(SpindleError) -> SpindleError {
    guard result.loss.isFinite else { return try lossDivergence(result.loss, input) }
    try gatherGradients()
    for parameter in network.parameters where parameter.isLearned {
      for index in parameter.range where !arrays.gradients[index].isFinite {
        return gradientDivergence(parameter, index)
      }
    }
    // Each finite, and together beyond the largest float: the largest is to blame.
    let learned = network.parameters.filter(\.isLearned)
    let largest = learned.flatMap(\.range).max {
      arrays.gradients[$0].magnitude < arrays.gradients[$1].magnitude
    }
    guard let largest, let parameter = learned.first(where: { $0.range.contains(largest) }) else {
      return .engine("gradients that are not finite, of a network that learns nothing")
    }
    return gradientDivergence(parameter, largest)
  }

  private func lossDivergence(
    _ loss: Double, _ input: Input
  ) throws(SpindleError) -> SpindleError {
    guard let place = try current.workspace.firstNotFinite(input) else {
      return .diverged(
        step: stepCount, layer: network.layers.count - 1, what: "the loss", value: loss)
    }
    let layer = place.layer
    return .diverged(
      step: stepCount, layer: layer,
      what: "\"\(layer).potential\" [\(place.sample), \(place.step), \(place.neuron)]",
      value: Double(place.value))
  }

  private func gradientDivergence(_ parameter: Parameter, _ index: Int) -> SpindleError {
    let offset = index - parameter.range.lowerBound
    let columns = parameter.shape[parameter.shape.count - 1]
    let place = parameter.shape.count == 1 ? [offset] : [offset / columns, offset % columns]
    return .diverged(
      step: stepCount, layer: parameter.layer,
      what: "the gradient of \"\(parameter.name)\" \(place)", value: Double(arrays.gradients[index])
    )
  }
}
