import Spindle

/// Of a loss of one number for each (b, n): the share that x at step t has in it.
private typealias Share<Scalar> = (_ b: Int, _ t: Int, _ n: Int) -> Scalar

extension LayerTrace {
  /// A loss of the last layer, and its derivative by x [B,T,N]: the spikes where the loss reads
  /// them, else the membranes. The formulas stand at `Loss`.
  func evaluate(
    _ loss: Loss, _ target: Target, _ classWeights: [Scalar]?, timeStep: Scalar
  ) -> (value: Scalar, slopes: [Scalar]) {
    let x = loss.readsSpikes ? spikes ?? [] : membrane
    var (y, classes): ([Scalar], [Int]) = ([], [])
    switch target {
    case .values(let tensor): y = tensor.values.map { Scalar($0) }
    case .classes(let labels): classes = labels.map { Int($0) }
    }
    let labels = classes.map { (label: $0, weight: classWeights?[$0] ?? 1) }
    let overTime = ends.map { 1 / Scalar($0) }
    // At each step, of the samples that have it.
    let overBatch = (0..<steps).map { t in 1 / Scalar(max(ends.count { t < $0 }, 1)) }
    let longest = ends.max() ?? 0
    return switch loss {
    case .meanRateMSE:
      squaredError(x, y, of: longest, overBatch) { _, t, n in t * neurons + n }
    case .spikeCountMSE:
      squaredError(x, y, of: batch, ends.map { _ in 1 }) { b, _, n in b * neurons + n }
    case .firingRateMSE: squaredError(x, y, of: batch, overTime) { b, _, n in b * neurons + n }
    case .membraneMSE: squaredErrorOfEach(x, y, overTime)
    case .rateCrossEntropy: crossEntropy(x, labels) { _, _, _ in 1 }
    case .maxMembraneCrossEntropy: crossEntropy(x, labels, ofPeaks(x))
    case .meanMembraneCrossEntropy: crossEntropy(x, labels) { b, _, _ in overTime[b] }
    case .recallCrossEntropy(let first, _):
      crossEntropy(x, labels) { b, t, _ in t < first ? 0 : 1 / Scalar(ends[b] - first) }
    case .vanRossum(let tau): vanRossum(x, y, tau: Scalar(tau), timeStep: timeStep)
    case .custom: (0, x)
    }
  }

  /// The place of [b,t,n].
  private func place(_ b: Int, _ t: Int, _ n: Int) -> Int { (b * steps + t) * neurons + n }

  /// Of the steps that each sample has.
  private func forEach(_ body: (_ b: Int, _ t: Int, _ n: Int) -> Void) {
    for b in 0..<batch { for t in 0..<ends[b] { for n in 0..<neurons { body(b, t, n) } } }
  }

  /// Mean over rows r and neurons n, the groups g = (r, n), of e_g^2, e_g = share_r (sum of x over
  /// the group) - y_g. A target of fewer groups, [N] for [B,N], is repeated.
  private func squaredError(
    _ x: [Scalar], _ y: [Scalar], of rows: Int, _ share: [Scalar],
    _ group: (_ b: Int, _ t: Int, _ n: Int) -> Int
  ) -> (Scalar, [Scalar]) {
    let groups = rows * neurons
    var sums = [Scalar](repeating: 0, count: groups)
    forEach { b, t, n in sums[group(b, t, n)] += x[place(b, t, n)] }
    let errors = sums.indices.map { share[$0 / neurons] * sums[$0] - y[$0 % y.count] }
    let value = errors.reduce(0) { $0 + $1 * $1 / Scalar(groups) }
    var slopes = x
    forEach { b, t, n in
      let g = group(b, t, n)
      slopes[place(b, t, n)] = 2 * share[g / neurons] * errors[g] / Scalar(groups)
    }
    return (value, slopes)
  }

  /// Mean over b of the mean over (t, n) of (x - y)^2.
  private func squaredErrorOfEach(
    _ x: [Scalar], _ y: [Scalar], _ overTime: [Scalar]
  ) -> (Scalar, [Scalar]) {
    var (value, slopes) = (Scalar.zero, x)
    forEach { b, t, n in
      let weight = overTime[b] / Scalar(batch * neurons)
      let error = x[place(b, t, n)] - y[place(b, t, n)]
      value += weight * error * error
      slopes[place(b, t, n)] = 2 * weight * error
    }
    return (value, slopes)
  }

  /// Mean over b of -weight log softmax(L_b)[class], of the logits L_bn = sum over t of share x_btn.
  private func crossEntropy(
    _ x: [Scalar], _ classes: [(label: Int, weight: Scalar)], _ share: Share<Scalar>
  ) -> (Scalar, [Scalar]) {
    var logits = [Scalar](repeating: 0, count: batch * neurons)
    forEach { b, t, n in logits[b * neurons + n] += share(b, t, n) * x[place(b, t, n)] }
    var (value, byLogit, slopes) = (Scalar.zero, logits, x)
    for b in 0..<batch {
      let row = b * neurons..<(b + 1) * neurons
      let label = row.lowerBound + classes[b].label
      let weight = classes[b].weight / Scalar(batch)
      // Less the maximum, no exponential overflows.
      let maximum = logits[row].max() ?? 0
      let sum = logits[row].reduce(0) { $0 + exp($1 - maximum) }
      value += weight * (log(sum) + maximum - logits[label])
      for i in row {
        byLogit[i] = weight * (exp(logits[i] - maximum) / sum - (i == label ? 1 : 0))
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
        for t in 0..<ends[b] {
          e[t] = keep * (t > 0 ? e[t - 1] : 0) + x[place(b, t, n)] - y[place(b, t, n)]
          value += factor * e[t] * e[t]
        }
        var byE = Scalar.zero
        for t in (0..<ends[b]).reversed() {
          byE = keep * byE + 2 * factor * e[t]
          slopes[place(b, t, n)] = byE
        }
      }
    }
    return (value, slopes)
  }
}
