import Spindle
import SpindleReference

extension CaseFile {
  /// The case as the reference takes it, in `Double` for the oracle or in `Float`. The reference
  /// counts connections and neurons apart, as version 1 of the format does.
  ///
  /// Numbers of the description keep the precision of its text, as the format means them; those of
  /// a tensor are float32.
  public func reference<Scalar: ReferenceScalar>(
    _: Scalar.Type = Scalar.self
  ) throws(CaseError) -> ReferenceNetwork<Scalar> {
    do throws(ReferenceError) {
      return try ReferenceNetwork(
        timeStep: Scalar(description.timeStep),
        layers: description.layers.indices.flatMap {
          [.synapse(referenceSynapse($0)), referenceNeurons($0)]
        })
    } catch {
      throw .reference(error)
    }
  }

  /// The layer of a number of the reference.
  static func layer(ofReference index: Int) -> Int { index / 2 }

  /// The reference's name of a parameter.
  static func referenceName(of parameter: Parameter) -> String { parameter.version1Name }

  /// The loss and its target as the reference takes them.
  public func referenceLoss<Scalar: ReferenceScalar>(
    _: Scalar.Type = Scalar.self
  ) -> ReferenceLoss<Scalar> {
    switch loss {
    case .meanRateMSE: .meanRateMSE(target: scalars("target") ?? [])
    case .rateCrossEntropy: .rateCrossEntropy(labels: classes)
    case .maxMembraneCrossEntropy: .maxMembraneCrossEntropy(labels: classes)
    case .meanMembraneCrossEntropy: .meanMembraneCrossEntropy(labels: classes)
    case .membraneMSE: .membraneMSE(target: scalars("target") ?? [])
    }
  }

  /// Thresholds [N] of a layer; nil for integrators.
  func thresholds<Scalar: ReferenceScalar>(
    layer index: Int, _: Scalar.Type = Scalar.self
  ) -> [Scalar]? {
    numbers(index, .threshold)
  }

  /// The numbers of a tensor, or nil where the file has none of this name.
  func scalars<Scalar: ReferenceScalar>(_ name: String) -> [Scalar]? {
    values(name).map { $0.map { Scalar($0) } }
  }

  /// The tensor of a layer's parameter; nil where the layer has none of the role.
  func weights<Scalar: ReferenceScalar>(_ layer: Int, _ role: Role) -> [Scalar]? {
    parameters.first { $0.layer == layer && $0.role == role }.flatMap { scalars(name(of: $0)) }
  }

  /// The numbers of a layer's neurons; nil where it has none of the role.
  func numbers<Scalar: ReferenceScalar>(_ layer: Int, _ role: Role) -> [Scalar]? {
    description.layers.indices.contains(layer)
      ? description.layers[layer].values(role).map { $0.map { Scalar($0) } } : nil
  }

  private func referenceSynapse<Scalar: ReferenceScalar>(
    _ index: Int
  ) -> ReferenceSynapse<Scalar> {
    ReferenceSynapse(
      inputs: description.inputs(of: index), outputs: description.layers[index].neurons.count,
      weight: weights(index, .weight) ?? [], bias: weights(index, .bias))
  }

  private func referenceNeurons<Scalar: ReferenceScalar>(_ index: Int) -> ReferenceLayer<Scalar> {
    let layer = description.layers[index]
    let learned = layer.learned
    let (count, tau) = (layer.neurons.count, numbers(index, .tau) ?? [Scalar]())
    guard let spiking = layer.neurons.spiking else {
      return .li(
        ReferenceLI(
          neurons: count, tau: tau, synapticTau: numbers(index, .synapticTau),
          learnsTau: learned.contains(.tau), learnsSynapticTau: learned.contains(.synapticTau)))
    }
    var lif = ReferenceLIF(
      neurons: count, tau: tau, threshold: numbers(index, .threshold) ?? [],
      reset: spiking.reset.reference, resetGradient: spiking.resetGradient.reference,
      recurrentWeight: weights(index, .recurrentWeight),
      isOneToOne: layer.recurrence.topology == .oneToOne,
      surrogate: ReferenceSurrogate(
        spiking.surrogate.kind.reference(), slope: Scalar(spiking.surrogate.slope)),
      synapticTau: numbers(index, .synapticTau), learnsTau: learned.contains(.tau),
      learnsThreshold: learned.contains(.threshold),
      learnsSynapticTau: learned.contains(.synapticTau))
    lif.resetTiming = spiking.resetTiming == .delayed ? .delayed : .immediate
    lif.refractorySteps = spiking.refractorySteps
    if spiking.adaptation != nil {
      lif.adaptation = ReferenceAdaptation(
        strength: numbers(index, .adaptationStrength) ?? [],
        tau: numbers(index, .adaptationTau) ?? [],
        learnsStrength: learned.contains(.adaptationStrength),
        learnsTau: learned.contains(.adaptationTau))
    }
    return .lif(lif)
  }
}

extension Reset {
  fileprivate var reference: ReferenceReset {
    switch self {
    case .subtraction: .subtraction
    case .zero: .zero
    case .none: .none
    }
  }
}

extension ResetGradient {
  fileprivate var reference: ReferenceResetGradient {
    switch self {
    case .attached: .attached
    case .detached: .detached
    }
  }
}

extension Surrogate.Kind {
  fileprivate func reference<Scalar: ReferenceScalar>() -> ReferenceSurrogate<Scalar>.Kind {
    switch self {
    case .fastSigmoid: .fastSigmoid
    case .atan: .atan
    case .sigmoid: .sigmoid
    case .triangular: .triangular
    case .rectangular: .rectangular
    }
  }
}
