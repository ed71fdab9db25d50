/// What training minimises, from the spikes s or the membranes v [B,T,N] of the last neuron layer.
public enum ReferenceLoss<Scalar: ReferenceScalar>: Sendable {
  /// Mean over (t,n) of (mean over the batch of s - target)^2; target [T,N].
  case meanRateMSE(target: [Scalar])
  /// Cross-entropy of the spike counts over time as logits, mean over the batch; labels [B].
  case rateCrossEntropy(labels: [Int])
  /// The same with the maximum of v over time; of equal maxima the first takes the gradient.
  case maxMembraneCrossEntropy(labels: [Int])
  /// The same with the mean of v over time.
  case meanMembraneCrossEntropy(labels: [Int])
  /// The same with the mean of v over the steps from `firstStep` on.
  case recallCrossEntropy(labels: [Int], firstStep: Int)
  /// Mean over (b,t,n) of (v - target)^2; target [B,T,N].
  case membraneMSE(target: [Scalar])
  /// Mean over (b,n) of (spikes over time - target)^2; target [B,N].
  case spikeCountMSE(target: [Scalar])
  /// Mean over (b,n) of (mean over time of s - target)^2; target [B,N].
  case firingRateMSE(target: [Scalar])
  /// Mean over (b,n) of (dt/tau) x the sum over t of e_t^2, where e_t = exp(-dt/tau) e_{t-1} + s_t -
  /// target_t (van Rossum 2001); target [B,T,N], tau in seconds.
  case vanRossum(target: [Scalar], tau: Scalar)
}

/// How a step of time decides which neurons spike.
public enum ReferenceSpikeRule<Scalar: ReferenceScalar>: Sendable {
  /// s = 1 where u - threshold > 0.
  case threshold
  /// The given spikes, each 0 or 1: one [B,T,N] for each neuron layer in order, `nil` to compare
  /// as usual.
  ///
  /// Another engine's spikes make its gradients comparable even where a potential lies within
  /// rounding of the threshold.
  case forced([[Scalar]?])
  /// s = S(u - threshold), the surrogate's primitive: backward is then the derivative of forward,
  /// and finite differences can test it.
  ///
  /// `resets` [B,T,N], one for each neuron layer in order, are constants that take the place of s
  /// in the reset only, which is what a detached reset means; an empty list or `nil` for none.
  case smooth(resets: [[Scalar]?] = [])
}
