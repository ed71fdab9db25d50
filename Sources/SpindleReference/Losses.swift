import Spindle

/// Of a loss of one number for each (b, n): the share that x at step t has in it.
private typealias Share<Scalar> = (_ b: Int, _ t: Int, _ n: Int) -> Scalar

extension LayerTrace {
  /// A loss of the last layer, and its derivative by x [B,T,N]: the spikes where the loss reads
  /// them, else the membranes. The formulas stand at `Loss`.
  func evaluate(
    _ loss: Loss, _ target: Target, timeStep: Scalar
  ) -> (value: Scalar, slopes: [Scalar]) {
    let x = loss.readsSpikes ? spikes ?? [] : membrane
    var (y, classes): ([Scalar], [Int]) = ([], [])
    switch target {
    case .values(let tensor): y = tensor.values.map { Scalar($0) }
    case .classes(let labels): classes = labels.map { Int($0) }
    }
    let (overBatch, overTime) = (1 / Scalar(batch), 1 / Scalar(steps))
    let (byStep, byNeuron) = (steps * neurons, batch * neurons)
    return switch loss {
    case .meanRateMSE: squaredError(x, y, overBatch, of: byStep) { _, t, n in t * neurons + n }
    case .spikeCountMSE: squaredError(x, y, 1, of: byNeuron) { b, _, n in b * neurons + n }
    case .firingRateMSE: squaredError(x, y, overTime, of: byNeuron) { b, _, n in b * neurons + n }
    case .membraneMSE: squaredError(x, y, 1, of: x.count, place)
    case .rateCrossEntropy: crossEntropy(x, classes) { _, _, _ in 1 }
    case .maxMembraneCrossEntropy: crossEntropy(x, classes, ofPeaks(x))
    case .meanMembraneCrossEntropy: crossEntropy(x, classes) { _, _, _ in overTime }
    case .recallCrossEntropy(let first, _):
      crossEntropy(x, classes) { _, t, _ in t < first ? 0 : 1 / Scalar(steps - first) }
    case .vanRossum(let tau): vanRossum(x, y, tau: Scalar(tau), timeStep: timeStep)
    case .custom: (0, x)
    }
  }

  /// The place of [b,t,n].
  private func place(_ b: Int, _ t: Int, _ n: Int) -> Int { (b * steps + t) * neurons + n }

  private func forEach(_ body: (_ b: Int, _ t: Int, _ n: Int) -> Void) {
    for b in 0..<batch { for t in 0..<steps { for n in 0..<neurons { body(b, t, n) } } }
  }

  /// Mean over groups g of e_g^2, e_g = share (sum of x over the group) - y_g. A target of fewer
  /// groups, [N] for [B,N], is repeated.
  private func squaredError(
    _ x: [Scalar], _ y: [Scalar], _ share: Scalar, of groups: Int,
    _ group: (_ b: Int, _ t: Int, _ n: Int) -> Int
  ) -> (Scalar, [Scalar]) {
    var sums = [Scalar](repeating: 0, count: groups)
    forEach { b, t, n in sums[group(b, t, n)] += x[place(b, t, n)] }
    let errors = sums.indices.map { share * sums[$0] - y[$0 % y.count] }
    let value = errors.reduce(0) { $0 + $1 * $1 / Scalar(groups) }
    var slopes = x
    forEach { b, t, n in
      slopes[place(b, t, n)] = 2 * share * errors[group(b, t, n)] / Scalar(groups)
    }
    return (value, slopes)
  }

  /// Mean over b of -log softmax(L_b)[class], of the logits L_bn = sum over t of share x_btn.
  private func crossEntropy(
    _ x: [Scalar], _ classes: [Int], _ share: Share<Scalar>
  ) -> (Scalar, [Scalar]) {
    var logits = [Scalar](repeating: 0, count: batch * neurons)
    forEach { b, t, n in logits[b * neurons + n] += share(b, t, n) * x[place(b, t, n)] }
    var (value, byLogit, slopes) = (Scalar.zero, logits, x)
    for b in 0..<batch {
      let row = b * neurons..<(b + 1) * neurons
      let label = row.lowerBound + classes[b]
      // Less the maximum, no exponential overflows.
      let maximum = logits[row].max() ?? 0
      let sum = logits[row].reduce(0) { $0 + exp($1 - maximum) }
      value += (log(sum) + maximum - logits[label]) / Scalar(batch)
      for i in row {
        byLogit[i] = (exp(logits[i] - maximum) / sum - (i == label ? 1 : 0)) / Scalar(batch)
      }
    }
    forEach { b, t, n in
      slopes[place(b, t, n)] = share(b, t, n) * byLogit[b * neurons + n]
    }
    return (value, slopes)
  }

  /// 1 at the step of the maximum of x over time, else 0; of equal maxima the first.
  private func ofPeaks(_ x: [Scalar]) -> Share<Scalar> {
    var peaks = [Int](repeating: 0, count: batch * neurons)
    forEach { b, t, n in
      let peak = peaks[b * neurons + n]
      if x[place(b, t, n)] > x[place(b, peak, n)] { peaks[b * neurons + n] = t }
    }
    return { [peaks] b, t, n in t == peaks[b * neurons + n] ? 1 : 0 }
  }

  /// (dt / tau) sum over t of e_t^2, mean over (b, n), with e_t = keep e_{t-1} + x_t - y_t. A
  /// spike reaches each later e: its slope is the same filter run backward over e.
  private func vanRossum(
    _ x: [Scalar], _ y: [Scalar], tau: Scalar, timeStep: Scalar
  ) -> (Scalar, [Scalar]) {
    let keep = exp(-timeStep / tau)
    let factor = timeStep / tau / Scalar(batch * neurons)
    var (value, slopes) = (Scalar.zero, x)
    for b in 0..<batch {
      for n in 0..<neurons {
        var e = [Scalar](repeating: 0, count: steps)
        for t in 0..<steps {
          e[t] = keep * (t > 0 ? e[t - 1] : 0) + x[place(b, t, n)] - y[place(b, t, n)]
          value += factor * e[t] * e[t]
        }
        var byE = Scalar.zero
        for t in (0..<steps).reversed() {
          byE = keep * byE + 2 * factor * e[t]
          slopes[place(b, t, n)] = byE
        }
      }
    }
    return (value, slopes)
  }
}
