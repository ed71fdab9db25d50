import Spindle

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

extension CaseFile {
  /// What a run computes and a case may expect: names without "expected.", in the order of
  /// reports, and shapes.
  public var results: [CaseTensor] {
    let trace = [batch, steps, description.outputs]
    var results = [CaseTensor(name: "loss", shape: [1])]
    if hasSpikes {
      results.append(CaseTensor(name: "spikes", shape: trace))
      results.append(CaseTensor(name: "potential", shape: trace))
    }
    results.append(CaseTensor(name: "membrane", shape: trace))
    return results
      + parameters.filter(\.isLearned).map {
        CaseTensor(name: gradientName(of: $0), shape: $0.shape)
      }
  }

  /// Whether the last layer fires.
  var hasSpikes: Bool { description.layers.last?.neurons.spiking != nil }

  /// The tensor of a parameter's gradient, as the file numbers layers.
  func gradientName(of parameter: Parameter) -> String { "grad.\(name(of: parameter))" }
}
