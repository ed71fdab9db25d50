import Foundation
import Spindle
import SpindleReference

/// Potentials of one layer so close to the threshold that float32 may decide their spikes
/// otherwise than the oracle.
public struct ThresholdWarning: Sendable, Equatable {
  /// The layer's number in the whole list.
  public let layer: Int
  /// How many potentials.
  public let count: Int
  /// [b,t,n] of the one for which the distance is the smallest part of what rounding can do.
  public let closest: [Int]
  /// u - threshold there.
  public let distance: Double
  /// How far rounding can move the potential there; see `RoundingBound`.
  public let margin: Double
}

extension ThresholdWarning: CustomStringConvertible {
  /// One sentence.
  public var description: String {
    let (distance, margin) = (self.distance, self.margin)
    return "layer \(layer): \(count) \(count == 1 ? "potential lies" : "potentials lie") so close "
      + "to the threshold that float32 may decide otherwise; the closest is at [b, t, n] = "
      + "\(closest), potential - threshold \(String(format: "%.3g", distance)), rounding up to "
      + String(format: "%.3g", margin)
  }
}

extension CaseFile {
  /// What float32 may decide otherwise than the oracle's `trace`, one for each layer that has such
  /// potentials. O(events x N).
  func thresholdWarnings(_ trace: ReferenceTrace<Double>) -> [ThresholdWarning] {
    var below: [Double] = scalars("input") ?? []
    var warnings: [ThresholdWarning] = []
    for layer in trace.layers {
      guard let spikes = layer.spikes, let margins = LayerMargins(self, layer, spikes) else {
        break
      }
      if let warning = margins.warning(input: below) { warnings.append(warning) }
      below = spikes
    }
    return warnings
  }
}

/// The potentials of one layer against their margins.
private struct LayerMargins {
  let index: Int
  let batch: Int
  let steps: Int
  let inputs: Int
  let neurons: Int
  /// |W| [I,N], |b| [N], |R| [N,N].
  let weight: [Double]
  let bias: [Double]?
  let recurrent: [Double]?
  let bound: RoundingBound
  let spikes: [Double]
  let potential: [Double]
  let membrane: [Double]

  /// nil for layers without spikes.
  init?(_ file: CaseFile, _ layer: ReferenceLayerTrace<Double>, _ spikes: [Double]) {
    index = layer.index
    guard case .neurons(let description) = file.model.layers[index],
      case .synapse(let synapse) = file.model.layers[index - 1],
      let spiking = description.spiking, let threshold: [Double] = file.thresholds(layer: index)
    else { return nil }
    func magnitudes(_ name: String) -> [Double]? {
      file.values(name).map { $0.map { Double($0.magnitude) } }
    }
    (batch, steps) = (file.batch, file.steps)
    (inputs, neurons) = (synapse.inputs, description.neurons)
    weight = magnitudes("\(index - 1).weight") ?? []
    bias = synapse.bias ? magnitudes("\(index - 1).bias") : nil
    recurrent = spiking.isRecurrent ? magnitudes("\(index).recurrent_weight") : nil
    let tau: [Double] = file.constants("\(index).tau", description.tau, description.neurons)
    let timeStep = file.model.timeStep
    bound = RoundingBound(
      beta: tau.map { exp(-timeStep / $0) },
      alpha: description.synapticTau.map { exp(-timeStep / $0) }, threshold: threshold,
      resetsToZero: spiking.reset == .zero)
    self.spikes = spikes
    potential = layer.potential
    membrane = layer.membrane
  }

  func warning(input: [Double]) -> ThresholdWarning? {
    var (count, closest): (Int, (element: Int, distance: Double, margin: Double)?) = (0, nil)
    for sample in 0..<batch {
      var bound = bound
      for step in 0..<steps {
        let row = sample * steps + step
        let now = row * neurons..<(row + 1) * neurons
        let before = step == 0 ? nil : now.lowerBound - neurons..<now.lowerBound
        let (current, terms) = current(
          input[row * inputs..<(row + 1) * inputs], before.map { spikes[$0] })
        let margins = bound.step(
          current: current, terms: terms, potential: potential[now],
          before: before.map { membrane[$0] }, spikes: spikes[now])
        for (neuron, margin) in margins.enumerated() {
          let distance = potential[now.lowerBound + neuron] - bound.threshold[neuron]
          guard !(distance.magnitude > margin) else { continue }
          count += 1
          if let closest, closest.distance.magnitude / closest.margin <= distance.magnitude / margin
          {
            continue
          }
          closest = (now.lowerBound + neuron, distance, margin)
        }
      }
    }
    return closest.map {
      ThresholdWarning(
        layer: index, count: count, closest: [batch, steps, neurons].index($0.element),
        distance: $0.distance, margin: $0.margin)
    }
  }

  /// The sum of the absolute values of what makes up the current [N], and their number.
  private func current(
    _ input: ArraySlice<Double>, _ before: ArraySlice<Double>?
  ) -> (sums: [Double], terms: Int) {
    var sums = bias ?? Array(repeating: 0, count: neurons)
    var terms = bias == nil ? 0 : 1
    func add(_ values: ArraySlice<Double>, _ matrix: [Double]) {
      for (source, value) in values.enumerated() where value != 0 {
        terms += 1
        let row = source * neurons
        for n in 0..<neurons { sums[n] += value.magnitude * matrix[row + n] }
      }
    }
    add(input, weight)
    if let recurrent, let before { add(before, recurrent) }
    return (sums, terms)
  }
}
