import Spindle
import SpindleJSON

extension CaseFile {
  /// The case as the C engine takes it.
  ///
  /// - Throws: `engine`, where the engine cannot have the memory.
  public func network() throws(CaseError) -> Network {
    do throws(SpindleError) {
      return try Network(
        timeStep: Float(model.timeStep),
        layers: model.layers.enumerated().map { index, layer in
          switch layer {
          case .synapse(let synapse): .synapse(makeSynapse(synapse, index))
          case .neurons(let neurons): makeNeurons(neurons, index)
          }
        })
    } catch {
      throw .engine(error)
    }
  }

  /// The input as the C engine takes it: spikes where all numbers are 0 or 1.
  func engineInput() throws(SpindleError) -> Input {
    try Input(input, batch: batch, steps: steps, units: model.inputs)
  }

  /// The target as the C engine takes it.
  func engineTarget() throws(SpindleError) -> Target {
    guard model.loss.hasClasses else {
      let shape = contents["target"]?.shape ?? []
      return .values(try Tensor(shape: shape, values: values("target") ?? []))
    }
    return .classes(classes.map { Int32(truncatingIfNeeded: $0) })
  }

  /// The classes [B]; empty where the target is of numbers.
  var classes: [Int] { (try? contents["target"]?.integers()) ?? [] }

  private func makeSynapse(_ synapse: CaseSynapse, _ index: Int) -> Synapse {
    Synapse(
      inputs: synapse.inputs, outputs: synapse.outputs,
      weights: .values(values("\(index).weight") ?? []),
      bias: synapse.bias ? .values(values("\(index).bias") ?? []) : nil)
  }

  private func makeNeurons(_ neurons: CaseNeurons, _ index: Int) -> Layer {
    let tau = perNeuron("\(index).tau", neurons.tau)
    let synapticTau = neurons.synapticTau.map { perNeuron("\(index).synaptic_tau", $0) }
    guard let spiking = neurons.spiking else {
      return .li(
        LI(
          neurons: neurons.neurons, tau: tau, synapticTau: synapticTau,
          learnsTau: neurons.learnsTau, learnsSynapticTau: neurons.learnsSynapticTau))
    }
    return .lif(
      LIF(
        neurons: neurons.neurons,
        topology: topology(spiking, index),
        tau: tau, threshold: perNeuron("\(index).threshold", spiking.threshold),
        reset: spiking.reset, resetGradient: spiking.resetGradient,
        resetTiming: spiking.resetTiming, refractorySteps: spiking.refractorySteps,
        adaptation: spiking.adaptation.map { adaptation($0, index) },
        surrogate: Surrogate(kind: spiking.surrogate, slope: Float(spiking.slope)),
        synapticTau: synapticTau, learnsTau: neurons.learnsTau,
        learnsThreshold: spiking.learnsThreshold, learnsSynapticTau: neurons.learnsSynapticTau))
  }

  private func adaptation(_ adaptation: CaseAdaptation, _ index: Int) -> Adaptation {
    Adaptation(
      strength: perNeuron("\(index).adaptation_strength", adaptation.strength),
      tau: perNeuron("\(index).adaptation_tau", adaptation.tau),
      learnsStrength: adaptation.learnsStrength, learnsTau: adaptation.learnsTau)
  }

  private func topology(_ spiking: CaseSpiking, _ index: Int) -> Topology {
    let weights = Initializer.values(values("\(index).recurrent_weight") ?? [])
    return switch spiking.topology {
    case .feedForward: .ff
    case .recurrent: .rc(weights: weights)
    case .oneToOne: .oneToOne(weights: weights)
    }
  }

  /// The tensor where there is one, else the numbers of the description.
  private func perNeuron(_ name: String, _ numbers: OneOrEach) -> PerNeuron {
    if let values = values(name) { return .each(values) }
    switch numbers {
    case .one(let value): return .all(Float(value))
    case .each(let values): return .each(values.map { Float($0) })
    }
  }
}
