import Foundation
import Spindle
import SpindleReference

extension CaseFile {
  /// How far rounding to float32 can move each potential of the oracle's `trace` and its threshold
  /// [B,T,N], one list for each layer with spikes; see `RoundingBound`.
  func margins(_ network: Reference<Double>, _ trace: ReferenceTrace<Double>) -> [[Double]] {
    var below = input.map { Double($0) }
    var margins: [[Double]] = []
    for layer in trace.layers {
      guard let spikes = layer.spikes, let parts = LayerMargins(self, network, layer, spikes) else {
        break
      }
      margins.append(parts.margins(input: below))
      below = spikes
    }
    return margins
  }
}

/// What the margins of one layer are made of.
private struct LayerMargins {
  let batch: Int
  let steps: Int
  let inputs: Int
  let neurons: Int
  /// |W| [I,N], |b| [N], |R| [N,N] or |r| [N].
  let weight: [Double]
  let bias: [Double]?
  let recurrent: [Double]?
  /// Whether R is r [N].
  let isOneToOne: Bool
  let bound: RoundingBound
  let spikes: [Double]
  let potential: [Double]
  let thresholds: [Double]
  let membrane: [Double]

  /// nil for layers without spikes.
  init?(
    _ file: CaseFile, _ network: Reference<Double>, _ layer: LayerTrace<Double>,
    _ spikes: [Double]
  ) {
    let index = layer.index
    let description = file.description.layers[index]
    guard let spiking = description.neurons.spiking else { return nil }
    func values(_ role: Role) -> [Double]? { network.values["\(index).\(role.rawValue)"] }
    func magnitudes(_ role: Role) -> [Double]? { values(role)?.map(\.magnitude) }
    func decays(_ role: Role) -> [Double]? {
      values(role)?.map { exp(-file.description.timeStep / $0) }
    }
    (batch, steps) = (file.batch, file.steps)
    (inputs, neurons) = (file.description.inputs(of: index), description.neurons.count)
    weight = magnitudes(.weight) ?? []
    bias = magnitudes(.bias)
    isOneToOne = description.recurrence.topology == .oneToOne
    recurrent = magnitudes(.recurrentWeight)
    bound = RoundingBound(
      beta: decays(.tau) ?? [], alpha: decays(.synapticTau),
      resetsToZero: spiking.reset == .zero, isDelayed: spiking.resetTiming == .delayed,
      adaptation: decays(.adaptationTau).map { rho in
        (rho, magnitudes(.adaptationStrength) ?? [])
      })
    self.spikes = spikes
    potential = layer.potential
    thresholds = layer.thresholds
    membrane = layer.membrane
  }

  /// How far rounding can move each potential, and the threshold [B,T,N]. O(events x N).
  func margins(input: [Double]) -> [Double] {
    var margins: [Double] = []
    for sample in 0..<batch {
      var bound = bound
      for step in 0..<steps {
        let row = sample * steps + step
        let now = row * neurons..<(row + 1) * neurons
        let before = step == 0 ? nil : now.lowerBound - neurons..<now.lowerBound
        let (current, terms) = current(
          input[row * inputs..<(row + 1) * inputs], before.map { spikes[$0] })
        margins += bound.step(
          current: current, terms: terms, now: known(now), before: before.map(known))
      }
    }
    return margins
  }

  private func known(_ row: Range<Int>) -> RoundingBound.Step {
    RoundingBound.Step(
      potential: potential[row], threshold: thresholds[row], spikes: spikes[row],
      membrane: membrane[row])
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
    guard let recurrent, let before else { return (sums, terms) }
    guard isOneToOne else {
      add(before, recurrent)
      return (sums, terms)
    }
    for (n, spike) in before.enumerated() { sums[n] += spike * recurrent[n] }
    terms += 1
    return (sums, terms)
  }
}
