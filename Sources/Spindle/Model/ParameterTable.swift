/// What a parameter does in its layer; its raw value is its name in files. In the core's order
/// (`spindle_role`), which a test compares.
public enum Role: String, Sendable, CaseIterable {
  /// W [I, N].
  case weight
  /// b [N].
  case bias
  /// R [N, N], row source, column target; r [N] one-to-one.
  case recurrentWeight = "recurrent_weight"
  /// Of the membrane [N], in seconds.
  case tau
  /// Of the filter on the current [N], in seconds.
  case synapticTau = "synaptic_tau"
  /// [N], in the unit of the potential.
  case threshold
  /// [N], in the unit of the potential.
  case adaptationStrength = "adaptation_strength"
  /// Of the adaptation [N], in seconds.
  case adaptationTau = "adaptation_tau"

  /// Whether it is a time constant, in seconds.
  public var isTau: Bool {
    switch self {
    case .tau, .synapticTau, .adaptationTau: true
    default: false
    }
  }
}

/// A parameter of a network, but for its values.
public struct Parameter: Sendable, Equatable {
  /// Its layer, counted from 0.
  public let layer: Int
  /// What it does there.
  public let role: Role
  /// See `Role`.
  public let shape: [Int]
  /// Whether training changes it.
  public let isLearned: Bool
  /// Its place in the flat array of all parameters.
  let range: Range<Int>

  /// As in "0.weight" or "1.recurrent_weight".
  public var name: String { "\(layer).\(role.rawValue)" }
  /// Whether it must be above zero: a time constant, or a threshold that training changes by its
  /// logarithm.
  public var isPositive: Bool { role.isTau || isLearned && role == .threshold }
}
