import Spindle

/// A loss and its derivatives by the last layer's spikes and membranes [B,T,N]; empty for zero.
struct LossGradient<Scalar: ReferenceScalar> {
  var value: Scalar = 0
  var bySpike: [Scalar] = []
  var byMembrane: [Scalar] = []

  /// Adds the derivatives of one sample and step, row (b T + t), to the adjoint of its states [N].
  func add(row: Int, to adjoint: inout [NeuronAdjoint<Scalar>]) {
    let first = row * adjoint.count
    for n in adjoint.indices {
      if !bySpike.isEmpty { adjoint[n].s += bySpike[first + n] }
      if !byMembrane.isEmpty { adjoint[n].v += byMembrane[first + n] }
    }
  }
}

/// What a loss reads: the last layer. B batch, T steps, N neurons.
struct LossInput<Scalar: ReferenceScalar> {
  let batch: Int
  let steps: Int
  let neurons: Int
  /// dt, seconds.
  let timeStep: Scalar
  /// s and v [B,T,N].
  let spikes: [Scalar]
  let membrane: [Scalar]
  /// The target, of the loss's shape, or classes [B].
  let target: [Scalar]
  let classes: [Int]

  /// The losses, by the formulas that stand at `Loss`.
  func evaluate(_ loss: Loss) -> LossGradient<Scalar> {
    switch loss {
    case .meanRateMSE: meanRateError()
    case .rateCrossEntropy: rateCrossEntropy()
    case .maxMembraneCrossEntropy: maxMembraneCrossEntropy()
    case .meanMembraneCrossEntropy: meanMembraneCrossEntropy(from: 0)
    case .recallCrossEntropy(let first, _): meanMembraneCrossEntropy(from: first)
    case .membraneMSE: membraneError()
    case .spikeCountMSE: countError(scale: 1)
    case .firingRateMSE: countError(scale: 1 / Scalar(steps))
    case .vanRossum(let tau): vanRossum(tau: Scalar(tau))
    case .custom: LossGradient()
    }
  }

  /// The place of [b,t,n].
  private func place(_ b: Int, _ t: Int, _ n: Int) -> Int { (b * steps + t) * neurons + n }

  private var zeros: [Scalar] { [Scalar](repeating: 0, count: membrane.count) }

  /// Calls `body` for every sample and neuron.
  private func forEach(_ body: (_ b: Int, _ n: Int) -> Void) {
    for b in 0..<batch { for n in 0..<neurons { body(b, n) } }
  }

  private func meanRateError() -> LossGradient<Scalar> {
    var result = LossGradient(bySpike: zeros)
    for t in 0..<steps {
      for n in 0..<neurons {
        var sum = Scalar.zero
        for b in 0..<batch { sum += spikes[place(b, t, n)] }
        let error = sum / Scalar(batch) - target[t * neurons + n]
        result.value += error * error / Scalar(steps * neurons)
        for b in 0..<batch {
          result.bySpike[place(b, t, n)] = 2 * error / Scalar(steps * neurons * batch)
        }
      }
    }
    return result
  }

  private func membraneError() -> LossGradient<Scalar> {
    var result = LossGradient(byMembrane: zeros)
    let count = Scalar(membrane.count)
    for element in membrane.indices {
      let error = membrane[element] - target[element]
      result.value += error * error / count
      result.byMembrane[element] = 2 * error / count
    }
    return result
  }

  /// Of the number of spikes times a scale.
  private func countError(scale: Scalar) -> LossGradient<Scalar> {
    var result = LossGradient(bySpike: zeros)
    let count = Scalar(batch * neurons)
    forEach { b, n in
      var fired = Scalar.zero
      for t in 0..<steps { fired += spikes[place(b, t, n)] }
      // A target [N] is that of every sample.
      let error = scale * fired - target[(b * neurons + n) % target.count]
      result.value += error * error / count
      for t in 0..<steps { result.bySpike[place(b, t, n)] = 2 * scale * error / count }
    }
    return result
  }

  /// What each later e owes to a spike is the filter run backward.
  private func vanRossum(tau: Scalar) -> LossGradient<Scalar> {
    var result = LossGradient(bySpike: zeros)
    let keep = exp(-timeStep / tau)
    let factor = timeStep / tau / Scalar(batch * neurons)
    forEach { b, n in
      var e = [Scalar](repeating: 0, count: steps)
      for t in 0..<steps {
        let element = place(b, t, n)
        e[t] = keep * (t > 0 ? e[t - 1] : 0) + spikes[element] - target[element]
        result.value += factor * e[t] * e[t]
      }
      var owed = Scalar.zero
      for t in (0..<steps).reversed() {
        owed = keep * owed + e[t]
        result.bySpike[place(b, t, n)] = 2 * factor * owed
      }
    }
    return result
  }

  /// Of the logits L_bn = sum over t of weight x_btn, x the spikes or the membranes.
  private func crossEntropy(
    of x: [Scalar], weight: (_ b: Int, _ t: Int, _ n: Int) -> Scalar
  ) -> (value: Scalar, slopes: [Scalar]) {
    var logits = [Scalar](repeating: 0, count: batch * neurons)
    forEach { b, n in
      for t in 0..<steps { logits[b * neurons + n] += weight(b, t, n) * x[place(b, t, n)] }
    }
    let (value, byLogit) = crossEntropy(logits)
    var slopes = zeros
    forEach { b, n in
      for t in 0..<steps { slopes[place(b, t, n)] = weight(b, t, n) * byLogit[b * neurons + n] }
    }
    return (value, slopes)
  }

  private func rateCrossEntropy() -> LossGradient<Scalar> {
    let (value, slopes) = crossEntropy(of: spikes) { _, _, _ in 1 }
    return LossGradient(value: value, bySpike: slopes)
  }

  /// Of equal maxima the first step takes the gradient.
  private func maxMembraneCrossEntropy() -> LossGradient<Scalar> {
    var peaks = [Int](repeating: 0, count: batch * neurons)
    forEach { b, n in
      let index = b * neurons + n
      for t in 0..<steps where membrane[place(b, t, n)] > membrane[place(b, peaks[index], n)] {
        peaks[index] = t
      }
    }
    let (value, slopes) = crossEntropy(of: membrane) { b, t, n in
      t == peaks[b * neurons + n] ? 1 : 0
    }
    return LossGradient(value: value, byMembrane: slopes)
  }

  /// Of the mean of v over the steps from `first` on.
  private func meanMembraneCrossEntropy(from first: Int) -> LossGradient<Scalar> {
    let share = 1 / Scalar(steps - first)
    let (value, slopes) = crossEntropy(of: membrane) { _, t, _ in t >= first ? share : 0 }
    return LossGradient(value: value, byMembrane: slopes)
  }

  /// Mean over the samples of -log softmax(logits)[class], and its gradient; [B,N].
  private func crossEntropy(_ logits: [Scalar]) -> (value: Scalar, slopes: [Scalar]) {
    var (value, slopes) = (Scalar.zero, logits)
    for b in 0..<batch {
      let row = b * neurons..<(b + 1) * neurons
      // Less the maximum, no exponential overflows.
      let maximum = logits[row].max() ?? 0
      let exponentials = logits[row].map { exp($0 - maximum) }
      let sum = exponentials.reduce(0, +)
      let label = row.lowerBound + classes[b]
      value += (log(sum) + maximum - logits[label]) / Scalar(batch)
      for (index, e) in zip(row, exponentials) {
        slopes[index] = (e / sum - (index == label ? 1 : 0)) / Scalar(batch)
      }
    }
    return (value, slopes)
  }
}
