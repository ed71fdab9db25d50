import Spindle
import SpindleJSON

/// What the JSON text of a case says: the network without its weights, and the loss.
///
/// Shape letters, here and in all of the module: B batch, T steps, I inputs, N neurons.
public struct CaseModel: Sendable, Equatable {
  /// The format's name and version, which every text must carry.
  public static let format = "spindle-case-1"
  /// The largest size of a layer.
  public static let largestSize = 1 << 30
  /// The longest refractory period, in steps.
  public static let largestRefractory = 0xFF_FFFF

  /// dt, seconds.
  public let timeStep: Double
  /// Synapses and neurons in turn, a synapse first, neurons last.
  public let layers: [CaseLayer]
  /// What the step of training computes.
  public let loss: CaseLoss

  /// I of the first layer.
  public var inputs: Int {
    guard case .synapse(let synapse)? = layers.first else { return 0 }
    return synapse.inputs
  }

  /// The last layer.
  public var readout: CaseNeurons? {
    guard case .neurons(let neurons)? = layers.last else { return nil }
    return neurons
  }
}

/// One layer of a case.
public enum CaseLayer: Sendable, Equatable {
  /// Kind "synapse".
  case synapse(CaseSynapse)
  /// Kinds "lif" and "li".
  case neurons(CaseNeurons)
}

/// A synapse, without its weights.
public struct CaseSynapse: Sendable, Equatable {
  /// I.
  public let inputs: Int
  /// N.
  public let outputs: Int
  /// Whether there is a bias [N].
  public let bias: Bool
}

/// What a layer's spikes reach one step later.
public enum CaseTopology: String, Sendable, CaseIterable {
  /// No neuron of the layer.
  case feedForward = "FF"
  /// Every neuron, by weights [N, N].
  case recurrent = "RC"
  /// Each its own neuron, by weights [N].
  case oneToOne = "one_to_one"
}

/// A layer of neurons.
public struct CaseNeurons: Sendable, Equatable {
  /// N.
  public let neurons: Int
  /// Time constants of the membranes, seconds; a tensor `I.tau` takes precedence.
  public let tau: OneOrEach
  /// Time constants of the filters on the current, seconds; nil for none. A tensor
  /// `I.synaptic_tau` takes precedence.
  public let synapticTau: OneOrEach?
  /// Whether tau has a gradient.
  public let learnsTau: Bool
  /// Whether the synaptic tau has a gradient.
  public let learnsSynapticTau: Bool
  /// What makes the neurons spike; nil for leaky integrators.
  public let spiking: CaseSpiking?
}

/// What a layer of kind "lif" has and one of kind "li" has not.
public struct CaseSpiking: Sendable, Equatable {
  /// Potentials above which the neurons spike; a tensor `I.threshold` takes precedence.
  public let threshold: OneOrEach
  /// Whether the threshold has a gradient.
  public let learnsThreshold: Bool
  /// What a spike does to the membrane.
  public let reset: Reset
  /// Whether the gradient passes through the reset.
  public let resetGradient: ResetGradient
  /// When a spike resets the membrane.
  public let resetTiming: ResetTiming
  /// Steps after a spike without another.
  public let refractorySteps: Int
  /// What raises the threshold; nil for nothing.
  public let adaptation: CaseAdaptation?
  /// What the spikes reach one step later.
  public let topology: CaseTopology
  /// What stands for the spike's derivative.
  public let surrogate: Surrogate.Kind
  /// k > 0, per unit of potential.
  public let slope: Double
}

/// What raises the threshold of a neuron that fires.
public struct CaseAdaptation: Sendable, Equatable {
  /// By how much it can rise; a tensor `I.adaptation_strength` takes precedence.
  public let strength: OneOrEach
  /// Time constants, seconds; a tensor `I.adaptation_tau` takes precedence.
  public let tau: OneOrEach
  /// Whether the strength has a gradient.
  public let learnsStrength: Bool
  /// Whether tau has a gradient.
  public let learnsTau: Bool
}

/// A tensor that a case may have, by the description alone.
struct CaseParameter {
  let name: String
  let shape: [Int]
  /// Whether it has a gradient.
  let isLearned: Bool
  /// Whether the file must have it; tau and threshold stand in the description too.
  let isRequired: Bool
}

extension CaseModel {
  /// All parameters, in the order of the layers.
  var parameters: [CaseParameter] {
    layers.enumerated().flatMap { index, layer -> [CaseParameter] in
      switch layer {
      case .synapse(let synapse): synapse.parameters(index)
      case .neurons(let neurons): neurons.parameters(index)
      }
    }
  }
}

extension CaseSynapse {
  fileprivate func parameters(_ index: Int) -> [CaseParameter] {
    let weight = CaseParameter(
      name: "\(index).weight", shape: [inputs, outputs], isLearned: true, isRequired: true)
    guard bias else { return [weight] }
    return [
      weight,
      CaseParameter(name: "\(index).bias", shape: [outputs], isLearned: true, isRequired: true),
    ]
  }
}

extension CaseNeurons {
  fileprivate func parameters(_ index: Int) -> [CaseParameter] {
    var parameters: [CaseParameter] = []
    func append(_ name: String, _ shape: [Int], isLearned: Bool, isRequired: Bool = false) {
      parameters.append(
        CaseParameter(
          name: "\(index).\(name)", shape: shape, isLearned: isLearned, isRequired: isRequired))
    }
    switch spiking?.topology {
    case .recurrent:
      append("recurrent_weight", [neurons, neurons], isLearned: true, isRequired: true)
    case .oneToOne: append("recurrent_weight", [neurons], isLearned: true, isRequired: true)
    case .feedForward, nil: break
    }
    append("tau", [neurons], isLearned: learnsTau)
    if synapticTau != nil { append("synaptic_tau", [neurons], isLearned: learnsSynapticTau) }
    if let spiking { append("threshold", [neurons], isLearned: spiking.learnsThreshold) }
    if let adaptation = spiking?.adaptation {
      append("adaptation_strength", [neurons], isLearned: adaptation.learnsStrength)
      append("adaptation_tau", [neurons], isLearned: adaptation.learnsTau)
    }
    return parameters
  }
}

/// The losses of the format.
public enum CaseLoss: String, Sendable, CaseIterable {
  /// Of the mean over the batch.
  case meanRateMSE = "mean_rate_mse"
  /// Logits: the spike counts.
  case rateCrossEntropy = "rate_cross_entropy"
  /// Logits: the maximum of the membrane.
  case maxMembraneCrossEntropy = "max_membrane_cross_entropy"
  /// Logits: the mean of the membrane.
  case meanMembraneCrossEntropy = "mean_membrane_cross_entropy"
  /// Of the membrane at every step.
  case membraneMSE = "membrane_mse"

  /// As the C engine names it.
  public var engine: Loss {
    switch self {
    case .meanRateMSE: .meanRateMSE
    case .rateCrossEntropy: .rateCrossEntropy
    case .maxMembraneCrossEntropy: .maxMembraneCrossEntropy
    case .meanMembraneCrossEntropy: .meanMembraneCrossEntropy
    case .membraneMSE: .membraneMSE
    }
  }

  /// Whether the loss is of the spikes, else of the membranes.
  var readsSpikes: Bool { self == .meanRateMSE || self == .rateCrossEntropy }

  /// Whether the target has a class for each sample.
  var hasClasses: Bool { self != .meanRateMSE && self != .membraneMSE }
}
