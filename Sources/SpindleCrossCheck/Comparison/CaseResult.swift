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
        engineInput(), target: engineTarget(), loss: model.loss.engine, execution: execution)
      var values = ["loss": [step.loss], "membrane": doubles(step.recording.membrane.values)]
      if model.readout?.spiking != nil {
        values["spikes"] = doubles(step.recording.spikes.values)
        values["potential"] = doubles(step.recording.potential.values)
      }
      for (name, gradient) in step.gradients { values["grad.\(name)"] = doubles(gradient) }
      return CaseResult(values: values)
    } catch {
      throw .engine(error)
    }
  }

  /// One step of training by the reference; no bit depends on the number of tasks.
  public func run<Scalar: ReferenceScalar>(
    _ network: ReferenceNetwork<Scalar>, tasks: Int
  ) async throws(CaseError) -> CaseResult {
    CaseResult(try await step(network, tasks: tasks))
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

extension CaseResult {
  /// What a step of the reference left, without the layers below the last.
  init<Scalar: ReferenceScalar>(_ step: ReferenceStep<Scalar>) {
    var values = ["loss": [Double(step.loss)]]
    if let last = step.trace.layers.last {
      values["membrane"] = doubles(last.membrane)
      if let spikes = last.spikes {
        values["spikes"] = doubles(spikes)
        values["potential"] = doubles(last.potential)
      }
    }
    for (name, gradient) in step.gradients { values["grad.\(name)"] = doubles(gradient) }
    self.init(values: values)
  }
}

private func doubles<Scalar: BinaryFloatingPoint>(_ values: [Scalar]) -> [Double] {
  values.map { Double($0) }
}
