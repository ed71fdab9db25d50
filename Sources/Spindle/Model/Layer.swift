/// A layer of a network: neurons, what drives them from below, and whether their spikes come back.
public struct Layer: Sendable, Equatable {
  /// What drives the neurons from the layer below or from the input.
  public var connection: Connection
  /// Whether their spikes come back to them.
  public var recurrence: Recurrence
  /// The neurons.
  public var neurons: Neurons
  /// Which parameters training changes. Time constants and thresholds stay positive: the optimizer
  /// updates their logarithm.
  public var learned: Set<Role>
  /// The chip that it is trained for.
  public var hardware: Hardware

  /// What training changes unless said otherwise.
  public static let learnedByDefault: Set<Role> = [.weight, .bias, .recurrentWeight]

  /// Describes a layer; nothing is checked before `NetworkDescription.check`.
  public init(
    _ neurons: Neurons, recurrence: Recurrence = .ff, connection: Connection = .init(),
    learned: Set<Role> = Self.learnedByDefault, hardware: Hardware = .ideal
  ) {
    self.connection = connection
    self.recurrence = recurrence
    self.neurons = neurons
    self.learned = learned
    self.hardware = hardware
  }

  /// Leaky integrate-and-fire neurons.
  public static func lif(
    _ count: Int, tau: PerNeuron = 0.01, synapticTau: PerNeuron? = nil,
    spiking: Spiking = .init(), recurrence: Recurrence = .ff, connection: Connection = .init(),
    learned: Set<Role> = Self.learnedByDefault, hardware: Hardware = .ideal
  ) -> Layer {
    Layer(
      Neurons(count: count, tau: tau, synapticTau: synapticTau, spiking: spiking),
      recurrence: recurrence, connection: connection, learned: learned, hardware: hardware)
  }

  /// Leaky integrators: the last layer of a network that reads out potentials.
  public static func li(
    _ count: Int, tau: PerNeuron = 0.01, synapticTau: PerNeuron? = nil,
    connection: Connection = .init(), learned: Set<Role> = Self.learnedByDefault,
    hardware: Hardware = .ideal
  ) -> Layer {
    Layer(
      Neurons(count: count, tau: tau, synapticTau: synapticTau), connection: connection,
      learned: learned, hardware: hardware)
  }
}
