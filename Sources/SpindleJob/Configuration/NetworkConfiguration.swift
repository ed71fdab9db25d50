import Spindle
import SpindleJSON

/// The network of a configuration, but for its inputs, which are those of the data.
public struct NetworkConfiguration: Sendable {
  /// dt, seconds. As it was written: 0.001 is not a float32, and events at its multiples would fall
  /// into the step before.
  public let timeStep: Double
  /// From the input to the output.
  public let layers: [LayerConfiguration]

  /// N of the last layer.
  var outputs: Int { layers.last?.count ?? 0 }

  /// The network for data of so many units, its weights drawn from the seed.
  func network(inputs: Int, seed: UInt64) throws(SpindleError) -> Network {
    var all: [Layer] = []
    var inputs = inputs
    for layer in layers {
      all += layer.layers(inputs: inputs)
      inputs = layer.count
    }
    return try Network(timeStep: Float(timeStep), layers: all, seed: seed)
  }

  private static let timeStepKey = Key(
    "time_step", Format<Double>.number(.positive), "Length of a step, in seconds.",
    absence: .means(0.001))
  private static let layersKey = Key(
    "layers", Format<[LayerConfiguration]>.list(of: .layer, atLeast: 1),
    "Layers of neurons, from the input to the output; each has a synapse from the one below.",
    absence: .refused)

  static let format = Format.object([timeStepKey, layersKey]) {
    object throws(DescriptionError) in
    let layers = try object.read(layersKey)
    for (index, layer) in layers.dropLast().enumerated() {
      if case .li = layer.neurons {
        throw try object.value("layers").list()[index].refused(
          expected: "leaky integrators in the last layer alone", found: "more layers after them")
      }
    }
    return NetworkConfiguration(timeStep: try object.read(timeStepKey), layers: layers)
  }
}
