/// Everything the report of one run shows: numbers, sizes and words.
///
/// Shape letters: T steps, N neurons. Matrices are flat arrays in row-major order, so that
/// `target[t * neurons + n]` is neuron n at step t. NaN and infinities are allowed: figures leave
/// them blank and the CSV files keep them. What a run does not have is nil or empty and is left out.
public struct TrainingReport: Sendable {
  /// The heading of the page.
  public var title: String
  /// The rows of the table at the head of the page.
  public var summary: [SummaryRow]
  /// The configuration of the run, shown line by line as it is.
  public var configuration: [String]
  /// What went wrong or may have, a sentence each.
  public var warnings: [String]
  /// What changed from epoch to epoch, each quantity once.
  public var curves: [Curve]
  /// The length of one step, in seconds.
  public var timeStep: Double
  /// T, the number of steps.
  public var steps: Int
  /// What the output was to be and what it was, for outputs over time.
  public var evaluation: OutputComparison?
  /// How many samples of each class were put in each class.
  public var confusion: Confusion?
  /// What layers did in one sample, from the input to the output.
  public var layers: [LayerActivity]
  /// The last spiking layer by class; empty where there are no classes, or too many to draw.
  public var classes: [ClassActivity]
  /// Parameters, from the input to the output.
  public var weights: [WeightMatrix]

  /// Collects the parts of a report; `write(to:)` checks the sizes.
  public init(
    title: String, summary: [SummaryRow] = [], configuration: [String] = [],
    warnings: [String] = [], curves: [Curve] = [], timeStep: Double, steps: Int,
    evaluation: OutputComparison? = nil, confusion: Confusion? = nil, layers: [LayerActivity] = [],
    classes: [ClassActivity] = [], weights: [WeightMatrix] = []
  ) {
    self.title = title
    self.summary = summary
    self.configuration = configuration
    self.warnings = warnings
    self.curves = curves
    self.timeStep = timeStep
    self.steps = steps
    self.evaluation = evaluation
    self.confusion = confusion
    self.layers = layers
    self.classes = classes
    self.weights = weights
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
