import Spindle
import SpindleReference

extension Workload {
  /// The same network for the reference, in its precision. The layers' numbers are those of
  /// `network`, exact in Float and Double.
  func makeReference<Scalar: ReferenceScalar>(
    _ network: Network, as: Scalar.Type
  ) throws -> ReferenceNetwork<Scalar> {
    func values(_ name: String) throws -> [Scalar] {
      let span = try network.values(of: name)
      return span.indices.map { Scalar(span[$0]) }
    }
    func synapse(_ name: String, _ inputs: Int, _ outputs: Int) throws -> ReferenceSynapse<Scalar> {
      ReferenceSynapse(inputs: inputs, outputs: outputs, weight: try values("\(name).weight"))
    }
    let lif = ReferenceLIF(
      neurons: hidden, tau: try values("0.tau"), threshold: try values("0.threshold"),
      recurrentWeight: topology == .rc ? try values("0.recurrent_weight") : nil,
      surrogate: ReferenceSurrogate(.fastSigmoid, slope: Scalar(slope)))
    var layers: [ReferenceLayer<Scalar>] = [.synapse(try synapse("0", inputs, hidden)), .lif(lif)]
    if let outputs {
      layers.append(.synapse(try synapse("1", hidden, outputs)))
      layers.append(.li(ReferenceLI(neurons: outputs, tau: try values("1.tau"))))
    }
    return try ReferenceNetwork(
      timeStep: Scalar(Float(network.description.timeStep)), layers: layers)
  }
}

extension Material {
  /// The loss and its target, for the reference.
  func makeReferenceLoss<Scalar: ReferenceScalar>(
    as: Scalar.Type
  ) throws -> ReferenceLoss<Scalar> {
    switch (loss, target) {
    case (.meanRateMSE, .values(let tensor)):
      return .meanRateMSE(target: tensor.values.map { Scalar($0) })
    case (.maxMembraneCrossEntropy, .classes(let classes)):
      return .maxMembraneCrossEntropy(labels: classes.map(Int.init))
    default:
      throw BenchmarkError("no workload has the loss \"\(loss.name)\" so far")
    }
  }
}
