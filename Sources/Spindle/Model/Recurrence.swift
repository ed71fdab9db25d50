/// Whether a layer's spikes come back to it one step later, and to whom.
public enum Topology: String, Sendable, CaseIterable {
  /// Feed-forward: they do not.
  case ff = "FF"
  /// Recurrent: the current gains s_{t-1} R, R [N, N] with row source and column target.
  case rc = "RC"
  /// Each neuron's spikes reach itself alone: the current of neuron n gains r_n s_{t-1,n}, r [N].
  case oneToOne = "one_to_one"
}

/// A layer's topology, and how its recurrent weights begin.
public struct Recurrence: Sendable, Equatable {
  /// FF, RC or one-to-one.
  public let topology: Topology
  /// How R [N, N] or r [N] begins; nil for topology FF alone.
  public let weights: Initializer?

  /// Feed-forward.
  public static let ff = Recurrence(topology: .ff, weights: nil)
  /// Recurrent: every neuron's spikes reach every neuron.
  public static func rc(_ weights: Initializer = .glorotUniform()) -> Recurrence {
    Recurrence(topology: .rc, weights: weights)
  }
  /// Every neuron's spikes reach itself.
  public static func oneToOne(_ weights: Initializer = .constant(0)) -> Recurrence {
    Recurrence(topology: .oneToOne, weights: weights)
  }
}
