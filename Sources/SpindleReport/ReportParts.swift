/// A quantity by epoch.
public struct Curve: Sendable, Equatable {
  /// What is drawn; each has a figure and a CSV file of its own.
  public enum Quantity: String, Sendable, CaseIterable {
    /// Drawn on a logarithmic axis.
    case loss
    /// Fraction of samples put in their class.
    case accuracy
    /// Fraction of neurons and steps that fired, by layer.
    case rates
  }

  /// One line.
  public struct Series: Sendable, Equatable {
    /// As in "training".
    public var name: String
    /// One for each epoch from the first; NaN where there is none.
    public var values: [Double]

    /// A line.
    public init(_ name: String, _ values: [Double]) {
      self.name = name
      self.values = values
    }
  }

  /// What is drawn.
  public var quantity: Quantity
  /// The lines, all of one length.
  public var series: [Series]

  /// A quantity by epoch.
  public init(_ quantity: Quantity, _ series: [Series]) {
    self.quantity = quantity
    self.series = series
  }
}

/// What the output was to be over time, and what it was.
public struct OutputComparison: Sendable, Equatable {
  /// N of the output.
  public var neurons: Int
  /// What the network was to do, [T][N].
  public var target: [Float]
  /// What it did, [T][N].
  public var output: [Float]
  /// What the output is, as in "the mean of the spikes over the batch".
  public var meaning: String
  /// The name of the values' axis, as in "Spikes per step".
  public var axis: String

  /// What was wanted and what came.
  public init(
    neurons: Int, target: [Float], output: [Float], meaning: String, axis: String
  ) {
    self.neurons = neurons
    self.target = target
    self.output = output
    self.meaning = meaning
    self.axis = axis
  }
}

/// How many samples of each class were put in each class.
public struct Confusion: Sendable, Equatable {
  /// Number of classes.
  public var classes: Int
  /// [classes][classes], the row the true class, the column the predicted one.
  public var counts: [Int]
  /// A name for each class.
  public var names: [String]

  /// A matrix of counts; classes without names have their numbers.
  public init(classes: Int, counts: [Int], names: [String]? = nil) {
    self.classes = classes
    self.counts = counts
    self.names = names ?? (0..<max(0, min(classes, 1 << 16))).map(String.init)
  }
}

/// What a layer of neurons did in one sample.
public struct LayerActivity: Sendable, Equatable {
  /// As in "Layer 1: 200 LIF, RC".
  public var name: String
  /// N.
  public var neurons: Int
  /// The spikes, [T][N]; nil for a layer that never fires.
  public var raster: [Bool]?
  /// How often each neuron fires, as a fraction of the steps, over as many samples as were looked
  /// at, [N]; nil for a layer that never fires.
  public var firingRates: [Float]?
  /// The membranes, [T][N]; nil where they were not recorded.
  public var membrane: [Float]?

  /// A layer's activity.
  public init(
    name: String, neurons: Int, raster: [Bool]? = nil, firingRates: [Float]? = nil,
    membrane: [Float]? = nil
  ) {
    self.name = name
    self.neurons = neurons
    self.raster = raster
    self.firingRates = firingRates
    self.membrane = membrane
  }
}

/// What a layer of spiking neurons did in the samples of one class, on average.
public struct ClassActivity: Sendable, Equatable {
  /// The class.
  public var name: String
  /// N.
  public var neurons: Int
  /// Fraction of the class's samples in which a neuron fired at a step, [T][N].
  public var rates: [Float]

  /// A class's activity.
  public init(name: String, neurons: Int, rates: [Float]) {
    self.name = name
    self.neurons = neurons
    self.rates = rates
  }
}

/// A parameter of the network; a vector has one row.
public struct WeightMatrix: Sendable, Equatable {
  /// As in "0.weight".
  public var name: String
  /// What the figure calls it, as in "Input weights".
  public var title: String
  /// Rows, such as the neurons that spikes come from.
  public var rows: Int
  /// Columns, such as the neurons that they go to.
  public var columns: Int
  /// What a row is, as in "Source neuron".
  public var rowLabel: String
  /// What a column is, as in "Target neuron".
  public var columnLabel: String
  /// [rows][columns].
  public var values: [Float]

  /// A parameter.
  public init(
    name: String, title: String, rows: Int, columns: Int, rowLabel: String, columnLabel: String,
    values: [Float]
  ) {
    self.name = name
    self.title = title
    self.rows = rows
    self.columns = columns
    self.rowLabel = rowLabel
    self.columnLabel = columnLabel
    self.values = values
  }
}
