import Spindle
import SpindleReference

/// A case with the expectations that the Double oracle computed.
public struct Golden: Sendable {
  /// The case; what it expected before is replaced.
  public let file: CaseFile
  /// Layers of which float32 may decide some spikes otherwise.
  public let warnings: [ThresholdWarning]

  /// Computes one step of training in Double and rounds every result to float32.
  ///
  /// - Throws: `reference`, or `resultNotFinite` where a result does not fit float32.
  public init(of file: CaseFile) throws(CaseError) {
    let network = try file.reference(Double.self)
    let step = try file.step(network)
    let result = file.result(of: step)
    var expectations: [(CaseTensor, [Float])] = []
    for tensor in file.results {
      let values = (result.values[tensor.name] ?? []).map { Float($0) }
      if let index = values.firstIndex(where: { !$0.isFinite }) {
        throw .resultNotFinite(tensor: tensor.name, index: tensor.index(index))
      }
      expectations.append((tensor, values))
    }
    self.file = try file.expecting(expectations)
    warnings = file.thresholdWarnings(network, step.trace)
  }
}
