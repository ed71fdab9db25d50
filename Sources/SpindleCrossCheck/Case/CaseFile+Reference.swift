import Spindle
import SpindleJSON
import SpindleReference

extension CaseFile {
  /// The case as the reference takes it, in `Double` for the oracle or in `Float`.
  ///
  /// Numbers of the description keep the precision of its text, as the format means them; those of
  /// a tensor are float32.
  public func reference<Scalar: ReferenceScalar>(
    _: Scalar.Type = Scalar.self
  ) throws(CaseError) -> ReferenceNetwork<Scalar> {
    do throws(ReferenceError) {
      return try ReferenceNetwork(
        timeStep: Scalar(model.timeStep),
        layers: model.layers.enumerated().map { index, layer in
          switch layer {
          case .synapse(let synapse): .synapse(referenceSynapse(synapse, index))
          case .neurons(let neurons): referenceNeurons(neurons, index)
          }
        })
    } catch {
      throw .reference(error)
    }
  }

  /// The loss and its target as the reference takes them.
  public func referenceLoss<Scalar: ReferenceScalar>(
    _: Scalar.Type = Scalar.self
  ) -> ReferenceLoss<Scalar> {
    switch model.loss {
    case .meanRateMSE: .meanRateMSE(target: scalars("target") ?? [])
    case .rateCrossEntropy: .rateCrossEntropy(labels: classes)
    case .maxMembraneCrossEntropy: .maxMembraneCrossEntropy(labels: classes)
    case .meanMembraneCrossEntropy: .meanMembraneCrossEntropy(labels: classes)
    case .membraneMSE: .membraneMSE(target: scalars("target") ?? [])
    }
  }

  /// Thresholds [N] of a layer of neurons; nil for integrators.
  func thresholds<Scalar: ReferenceScalar>(
    layer index: Int, _: Scalar.Type = Scalar.self
  ) -> [Scalar]? {
    guard model.layers.indices.contains(index), case .neurons(let neurons) = model.layers[index],
      let spiking = neurons.spiking
    else { return nil }
    return constants("\(index).threshold", spiking.threshold, neurons.neurons)
  }

  /// The numbers of a tensor, or nil where the file has none of this name.
  func scalars<Scalar: ReferenceScalar>(_ name: String) -> [Scalar]? {
    values(name).map { $0.map { Scalar($0) } }
  }

  /// The tensor where there is one, else the numbers of the description.
  func constants<Scalar: ReferenceScalar>(
    _ name: String, _ numbers: OneOrEach, _ count: Int
  ) -> [Scalar] {
    scalars(name) ?? numbers.values(count).map { Scalar($0) }
  }

  private func referenceSynapse<Scalar: ReferenceScalar>(
    _ synapse: CaseSynapse, _ index: Int
  ) -> ReferenceSynapse<Scalar> {
    ReferenceSynapse(
      inputs: synapse.inputs, outputs: synapse.outputs,
      weight: scalars("\(index).weight") ?? [],
      bias: synapse.bias ? scalars("\(index).bias") : nil)
  }

  private func referenceNeurons<Scalar: ReferenceScalar>(
    _ neurons: CaseNeurons, _ index: Int
  ) -> ReferenceLayer<Scalar> {
    let count = neurons.neurons
    let tau: [Scalar] = constants("\(index).tau", neurons.tau, count)
    let synapticTau: [Scalar]? = neurons.synapticTau.map {
      constants("\(index).synaptic_tau", $0, count)
    }
    guard let spiking = neurons.spiking else {
      return .li(
        ReferenceLI(
          neurons: count, tau: tau, synapticTau: synapticTau, learnsTau: neurons.learnsTau,
          learnsSynapticTau: neurons.learnsSynapticTau))
    }
    var lif = ReferenceLIF(
      neurons: count, tau: tau, threshold: thresholds(layer: index) ?? [],
      reset: spiking.reset.reference, resetGradient: spiking.resetGradient.reference,
      recurrentWeight: spiking.topology == .feedForward
        ? nil : scalars("\(index).recurrent_weight"),
      isOneToOne: spiking.topology == .oneToOne,
      surrogate: ReferenceSurrogate(spiking.surrogate.reference(), slope: Scalar(spiking.slope)),
      synapticTau: synapticTau, learnsTau: neurons.learnsTau,
      learnsThreshold: spiking.learnsThreshold, learnsSynapticTau: neurons.learnsSynapticTau)
    lif.resetTiming = spiking.resetTiming == .delayed ? .delayed : .immediate
    lif.refractorySteps = spiking.refractorySteps
    lif.adaptation = spiking.adaptation.map { adaptation in
      ReferenceAdaptation(
        strength: constants("\(index).adaptation_strength", adaptation.strength, count),
        tau: constants("\(index).adaptation_tau", adaptation.tau, count),
        learnsStrength: adaptation.learnsStrength, learnsTau: adaptation.learnsTau)
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
