import Spindle
import SpindleReference

/// What one run of one engine computed, by the names of ``CaseFile/results``.
public struct CaseResult: Sendable {
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

  /// One step of training by the reference; no bit depends on the number of tasks.
  public func run<Scalar: ReferenceScalar>(
    _ network: ReferenceNetwork<Scalar>, tasks: Int
  ) async throws(CaseError) -> CaseResult {
    result(of: try await step(network, tasks: tasks))
  }

  /// One step of training by the reference, with the trace of every layer.
  func step<Scalar: ReferenceScalar>(
    _ network: ReferenceNetwork<Scalar>, tasks: Int
  ) async throws(CaseError) -> ReferenceStep<Scalar> {
    do throws(ReferenceError) {
      return try await network.step(
        input: scalars("input") ?? [], batch: batch, steps: steps, loss: referenceLoss(),
        tasks: tasks)
    } catch {
      throw .reference(error)
    }
  }
}

extension CaseFile {
  /// What a step of the reference left, without the layers below the last.
  func result<Scalar: ReferenceScalar>(of step: ReferenceStep<Scalar>) -> CaseResult {
    var values = ["loss": [Double(step.loss)]]
    if let last = step.trace.layers.last {
      values["membrane"] = doubles(last.membrane)
      if let spikes = last.spikes {
        values["spikes"] = doubles(spikes)
        values["potential"] = doubles(last.potential)
      }
    }
    for parameter in parameters where parameter.isLearned {
      values[gradientName(of: parameter)] = doubles(
        step.gradients[Self.referenceName(of: parameter)] ?? [])
    }
    return CaseResult(values: values)
  }
}

private func doubles<Scalar: BinaryFloatingPoint>(_ values: [Scalar]) -> [Double] {
  values.map { Double($0) }
}
