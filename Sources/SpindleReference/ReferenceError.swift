/// What is wrong with a network, its input or its loss; found before anything runs.
public enum ReferenceError: Error, Equatable, Sendable {
  /// A count is not positive, or the tensor it describes could not be addressed.
  case invalidCount(name: String, value: Int)
  /// A tensor does not have the number of elements that its shape demands.
  case shapeMismatch(name: String, shape: [Int], count: Int)
  /// A number lies outside its range.
  case invalidValue(name: String, value: Double, requirement: String)
  /// The list of layers is not synapse, neurons, synapse, neurons, ...
  case invalidLayerOrder(layer: Int, expected: String)
  /// The loss reads spikes, and the last layer has none.
  case lossNeedsSpikes(layer: Int)
  /// A label is not the number of an output neuron.
  case invalidLabel(sample: Int, label: Int, classes: Int)
  /// The list of given spikes or resets does not have one element for each neuron layer.
  case layerCountMismatch(name: String, expected: Int, count: Int)
  /// A delayed reset to zero whose gradient is attached: it would need what the reset deletes.
  case delayedResetToZero(layer: Int)
  /// Spikes are given for a layer that has none.
  case layerWithoutSpikes(name: String, layer: Int)
}

extension ReferenceError: CustomStringConvertible {
  /// One sentence that names the value and says what it should be.
  public var description: String {
    switch self {
    case .invalidCount(let name, let value):
      "\(name) is \(value); it must be positive, and its tensors must be addressable."
    case .shapeMismatch(let name, let shape, let count):
      "\(name) has \(count) elements; its shape \(shape) demands another number."
    case .invalidValue(let name, let value, let requirement):
      "\(name) is \(value); it must be \(requirement)."
    case .invalidLayerOrder(let layer, let expected):
      "Layer \(layer) must be \(expected): synapse and neuron layers take turns."
    case .lossNeedsSpikes(let layer):
      "The loss reads spikes, but layer \(layer), the last one, is an integrator without spikes."
    case .invalidLabel(let sample, let label, let classes):
      "The label of sample \(sample) is \(label); it must be at least 0 and below \(classes)."
    case .layerCountMismatch(let name, let expected, let count):
      "\(name) has \(count) elements; it needs one for each of the \(expected) neuron layers."
    case .delayedResetToZero(let layer):
      "The delayed reset to zero of layer \(layer) must be detached from the gradient."
    case .layerWithoutSpikes(let name, let layer):
      "\(name) gives spikes for layer \(layer), an integrator without spikes."
    }
  }
}
