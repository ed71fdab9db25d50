import Spindle
import SpindleReference

extension CaseFile {
  /// The case as the definition takes it, in `Double` or in `Float`.
  ///
  /// Numbers of the description keep the precision of its text, as the format means them; those of
  /// a tensor are float32.
  public func reference<Scalar: ReferenceScalar>(
    _: Scalar.Type = Scalar.self
  ) throws(CaseError) -> Reference<Scalar> {
    var given: [String: [Scalar]] = [:]
    for parameter in parameters {
      given[parameter.name] = values(of: parameter)?.map { Scalar($0) }
    }
    do throws(SpindleError) {
      return try Reference(description, parameters: given)
    } catch {
      throw .reference(error)
    }
  }

  /// One step of training by the definition, with the trace of every layer.
  func step<Scalar: ReferenceScalar>(
    _ network: Reference<Scalar>, spikes: SpikeRule<Scalar> = .threshold
  ) throws(CaseError) -> ReferenceStep<Scalar> {
    do throws(SpindleError) {
      return try network.step(
        input: input.map { Scalar($0) }, batch: batch, steps: steps, loss: loss.engine,
        target: engineTarget(), spikes: spikes)
    } catch {
      throw .reference(error)
    }
  }

  /// What a step of the definition left, without the layers below the last.
  func result<Scalar: ReferenceScalar>(of step: ReferenceStep<Scalar>) -> CaseResult {
    func doubles(_ values: [Scalar]) -> [Double] { values.map { Double($0) } }
    var values = ["loss": [Double(step.loss)]]
    if let last = step.trace.layers.last {
      values["membrane"] = doubles(last.membrane)
      if let spikes = last.spikes {
        values["spikes"] = doubles(spikes)
        values["potential"] = doubles(last.potential)
      }
    }
    for parameter in parameters where parameter.isLearned {
      values[gradientName(of: parameter)] = doubles(step.gradients[parameter.name] ?? [])
    }
    return CaseResult(values: values)
  }
}
