/// A tensor that a run computes.
public struct CaseTensor: Sendable, Equatable {
  /// As in "spikes" or "grad.0.weight".
  public let name: String
  /// The slowest dimension first.
  public let shape: [Int]

  /// The place of an element, one number for each dimension.
  func index(_ flat: Int) -> [Int] { shape.index(flat) }
}

extension [Int] {
  /// The place of an element of a tensor of this shape; empty for a single number.
  func index(_ flat: Int) -> [Int] {
    guard self != [1] else { return [] }
    var rest = flat
    var index: [Int] = []
    for size in reversed() where size > 0 {
      index.append(rest % size)
      rest /= size
    }
    return index.reversed()
  }
}

extension CaseModel {
  /// What a run computes, in the order of reports.
  func results(batch: Int, steps: Int) -> [CaseTensor] {
    let trace = [batch, steps, readout?.neurons ?? 0]
    var results = [CaseTensor(name: "loss", shape: [1])]
    if readout?.spiking != nil {
      results.append(CaseTensor(name: "spikes", shape: trace))
      results.append(CaseTensor(name: "potential", shape: trace))
    }
    results.append(CaseTensor(name: "membrane", shape: trace))
    return results
      + parameters.filter(\.isLearned).map {
        CaseTensor(name: "grad.\($0.name)", shape: $0.shape)
      }
  }
}
