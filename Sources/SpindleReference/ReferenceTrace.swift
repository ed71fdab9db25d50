/// What every neuron layer did at every step.
public struct ReferenceTrace<Scalar: ReferenceScalar>: Sendable {
  /// The neuron layers in order; at least one.
  public let layers: [ReferenceLayerTrace<Scalar>]
}

/// What one neuron layer did at every step.
///
/// Each tensor is gathered anew when it is asked for: O(B T N).
public struct ReferenceLayerTrace<Scalar: ReferenceScalar>: Sendable {
  /// The number of the layer in the whole list.
  public let index: Int
  /// N.
  public let neurons: Int
  let parameters: NeuronParameters<Scalar>
  let steps: Int
  /// Each chunk's samples and its part of the trace.
  let chunks: [(samples: Range<Int>, trace: NeuronTrace<Scalar>)]

  /// Spikes s [B,T,N]; `nil` for integrators, which have none.
  public var spikes: [Scalar]? { parameters.hasSpikes ? gather(.spikes) : nil }

  /// Potentials u [B,T,N], before the reset.
  public var potential: [Scalar] { gather(.potential) }

  /// Membranes v [B,T,N], after the reset.
  public var membrane: [Scalar] { gather(.membrane) }

  /// Thresholds [B,T,N], with what adaptation adds; without meaning for integrators.
  public var thresholds: [Scalar] { gather(.threshold) }

  /// 1 where a spike is allowed, 0 where a refractory period forbids it [B,T,N].
  public var gates: [Scalar] { gather(.gate) }

  private enum Variable {
    case threshold
    case gate
    case spikes
    case potential
    case membrane
  }

  /// From [T,S,N] in padded blocks of each chunk to [B,T,N].
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func gather(_ variable: Variable) -> [Scalar] {
    var result: [Scalar] = []
    let width = blockCount(neurons)
    result.reserveCapacity((chunks.last?.samples.upperBound ?? 0) * steps * neurons)
    for (samples, trace) in chunks {
      for sample in 0..<samples.count {
        for step in 0..<steps {
          for block in 0..<width {
            let element = (step * samples.count + sample) * width + block
            let lanes =
              switch variable {
              case .spikes: trace.spikes[element]
              case .threshold: parameters.threshold(trace, element, block)
              case .gate:
                parameters.refractorySteps > 0 ? trace.gate[element] : SIMD16(repeating: 1)
              case .potential: trace.potential[element]
              case .membrane: parameters.membrane(trace, element, block)
              }
            for lane in 0..<min(16, neurons - block * 16) { result.append(lanes[lane]) }
          }
        }
      }
    }
    return result
  }
}

/// What one training step returns.
public struct ReferenceStep<Scalar: ReferenceScalar>: Sendable {
  /// The loss, before any update and without the penalties.
  public let loss: Scalar
  /// The sum of the penalties of firing rates.
  public let penalty: Scalar
  /// Gradients by name: "0.weight", "0.bias", "1.recurrent_weight", "1.tau",
  /// "1.synaptic_tau", "1.threshold", "1.adaptation_strength", "1.adaptation_tau" (the layer's number
  /// in the whole list), each in its parameter's shape; a time constant's in 1/second.
  public let gradients: [String: [Scalar]]
  /// What forward left.
  public let trace: ReferenceTrace<Scalar>
}
