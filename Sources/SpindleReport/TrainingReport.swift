/// Everything the report of one training run shows: numbers, sizes and words.
///
/// Shape letters: T steps, I inputs, N neurons. Matrices are flat arrays in row-major order, so
/// that `target[t * neurons + n]` is neuron n at step t. NaN and infinities are allowed: figures
/// leave them blank and the CSV files keep them.
public struct TrainingReport: Sendable {
  /// The heading of the page.
  public var title: String
  /// The rows of the table at the head of the page.
  public var summary: [SummaryRow]
  /// The configuration of the run, shown line by line as it is.
  public var configuration: [String]
  /// The loss of each epoch; empty for a report without training, which gets no loss figure.
  public var losses: [Double]
  /// The length of one step, in seconds.
  public var timeStep: Double
  /// T, the number of steps.
  public var steps: Int
  /// I, the number of input channels.
  public var inputs: Int
  /// N, the number of neurons.
  public var neurons: Int
  /// What the network was to do, [T][N].
  public var target: [Float]
  /// What it did: the mean of the spikes over the batch, [T][N].
  public var output: [Float]
  /// The weights of the synapses, [I][N].
  public var inputWeights: [Float]
  /// The recurrent weights, [N source][N target]; nil for a feed-forward network.
  public var recurrentWeights: [Float]?
  /// The spikes of one sample, [T][N].
  public var raster: [Bool]
  /// How often each neuron fires, as a fraction of the steps, [N].
  public var firingRates: [Float]

  /// Collects the parts of a report; `write(to:)` checks the sizes.
  public init(
    title: String, summary: [SummaryRow] = [], configuration: [String] = [],
    losses: [Double], timeStep: Double, steps: Int, inputs: Int, neurons: Int,
    target: [Float], output: [Float], inputWeights: [Float], recurrentWeights: [Float]? = nil,
    raster: [Bool], firingRates: [Float]
  ) {
    self.title = title
    self.summary = summary
    self.configuration = configuration
    self.losses = losses
    self.timeStep = timeStep
    self.steps = steps
    self.inputs = inputs
    self.neurons = neurons
    self.target = target
    self.output = output
    self.inputWeights = inputWeights
    self.recurrentWeights = recurrentWeights
    self.raster = raster
    self.firingRates = firingRates
  }
}

/// One row of the report's table: a quantity, ours and, where there is one, the published value.
public struct SummaryRow: Sendable, Equatable {
  /// What the row is about.
  public var label: String
  /// The value of this run.
  public var ours: String
  /// The published value; a table in which no row has one shows no such column.
  public var published: String?

  /// A row of words or of numbers formatted by the caller.
  public init(label: String, ours: String, published: String? = nil) {
    self.label = label
    self.ours = ours
    self.published = published
  }

  /// A row of numbers, shown with six significant digits.
  public init(label: String, ours: Double, published: Double? = nil) {
    self.init(
      label: label, ours: Numbers.significant(ours), published: published.map(Numbers.significant))
  }
}
