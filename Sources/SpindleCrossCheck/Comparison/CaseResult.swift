import Spindle

/// What one run of one engine computed, by the names of ``CaseFile/results``.
public struct CaseResult: Sendable, Equatable {
  /// Row by row. Double holds the float32 of an engine exactly.
  public let values: [String: [Double]]

  /// The first result, in the order of `tensors`, of which some bit differs; nil where none does.
  func firstDifference(from other: CaseResult, in tensors: [CaseTensor]) -> CaseTensor? {
    tensors.first { tensor in
      let (mine, theirs) = (values[tensor.name] ?? [], other.values[tensor.name] ?? [])
      return mine.count != theirs.count
        || zip(mine, theirs).contains { $0.bitPattern != $1.bitPattern }
    }
  }
}

extension CaseFile {
  /// One step of training by the C engine.
  public func run(_ network: Network, _ execution: Execution) throws(CaseError) -> CaseResult {
    do throws(SpindleError) {
      let step = try network.evaluate(
        engineInput(), target: engineTarget(), loss: loss.engine, execution: execution)
      var values = ["loss": [step.loss], "membrane": doubles(step.recording.membrane.values)]
      if hasSpikes {
        values["spikes"] = doubles(step.recording.spikes.values)
        values["potential"] = doubles(step.recording.potential.values)
      }
      for parameter in parameters where parameter.isLearned {
        values[gradientName(of: parameter)] = doubles(step.gradients[parameter.name] ?? [])
      }
      return CaseResult(values: values)
    } catch {
      throw .engine(error)
    }
  }
}

private func doubles<Scalar: BinaryFloatingPoint>(_ values: [Scalar]) -> [Double] {
  values.map { Double($0) }
}
