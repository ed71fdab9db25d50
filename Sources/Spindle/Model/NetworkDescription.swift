/// A network but for its parameters' values: what it computes, and how its parameters begin. A pure
/// value; its JSON (`NetworkDescription+JSON.swift`) is what cases, configurations, checkpoints and
/// network files share. Layers are counted from 0 everywhere.
public struct NetworkDescription: Sendable, Equatable {
  /// dt, length of a step, in seconds.
  public var timeStep: Double
  /// I of the first layer.
  public var inputs: Int
  /// From the input to the output; leaky integrators last alone.
  public var layers: [Layer]

  /// Describes a network; `check` refuses one that cannot be.
  public init(timeStep: Double = 1e-3, inputs: Int, layers: [Layer]) {
    self.timeStep = timeStep
    self.inputs = inputs
    self.layers = layers
  }

  /// N of the last layer.
  public var outputs: Int { layers.last?.neurons.count ?? inputs }
  /// The layers of neurons that fire.
  var spikingLayers: [Int] { layers.indices.filter { layers[$0].neurons.spiking != nil } }
  /// I of a layer.
  public func inputs(of layer: Int) -> Int {
    layer == 0 ? inputs : layers[layer - 1].neurons.count
  }
}
