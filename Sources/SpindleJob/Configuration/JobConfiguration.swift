import Spindle
import SpindleJSON

/// Everything that `spindle train` is told: one JSON text, read and checked.
public struct JobConfiguration: Sendable {
  /// How errors name the outermost object.
  static let root = "the configuration"
  /// Where the schema has its own name, for editors.
  static let schemaKey = "$schema"

  /// The text as it was read, with what the command line changed.
  public private(set) var json = JSONValue.null
  /// Its inputs are 0 where the text does not say them: they are those of the data.
  public private(set) var network = NetworkDescription(inputs: 0, layers: [])
  private(set) var data = DataConfiguration()
  private(set) var objective = LossConfiguration()
  private(set) var optimizer = Optimizer.adam()
  private(set) var schedule = Schedule.constant
  private(set) var clipping = Clipping.none
  private(set) var regularization: [RatePenalty] = []
  private(set) var training = TrainingConfiguration()
  private(set) var baseline: BaselineConfiguration?
  private(set) var checkpoint: CheckpointConfiguration?
  private(set) var report: ReportConfiguration?
  private(set) var execution = Execution()
}

extension JobConfiguration {
  /// Reads a configuration. Every key and value that is not known is an error.
  public init(_ json: JSONValue) throws(DescriptionError) {
    self = try Self.format.read(DescriptionValue(json, root: Self.root))
    self.json = json
  }

  /// Reads the text of a configuration and changes it as `--set` says. Errors of its syntax name its
  /// file, where that is given.
  ///
  /// - Throws: `JobError.configuration`.
  public init(
    parsing text: String, file: String? = nil, overrides: [Override] = []
  ) throws(JobError) {
    do throws(DescriptionError) {
      let value = try DescriptionValue(parsing: text, root: Self.root, file: file).value
      try self.init(try value.changed(by: overrides))
    } catch {
      throw .configuration(error.description)
    }
  }

  /// The sections of a configuration.
  private static let format = KeyTable(
    JobConfiguration(),
    [
      .init(
        schemaKey, .text, "The schema, for editors; not read.", absence: .nothing,
        set: { _, _, _ in }),
      .init("network", NetworkDescription.format, "The network.", at: \.network, absence: .refused),
      .init(
        reading: "data", DataConfiguration.format, "The samples.", at: \.data, absence: .refused),
      .init(
        reading: "loss", LossConfiguration.format, "What training makes small.", at: \.objective,
        absence: .refused),
      .init(
        reading: "optimizer", .optimizer, "How parameters follow their gradients.",
        at: \.optimizer, absence: .means("adam")),
      .init(
        reading: "schedule", .schedule, "How the learning rate changes over the run.",
        at: \.schedule, absence: .means("constant")),
      .init(
        reading: "clipping", .clipping, "What is done to large gradients.", at: \.clipping,
        absence: .means("none")),
      .init(
        reading: "regularization", .list(of: .penalty), "What else training makes small.",
        at: \.regularization, absence: .means(.array([]))),
      .init(
        reading: "training", TrainingConfiguration.format, "How long and on what.",
        at: \.training, absence: .refused),
      .init(
        reading: "baseline", BaselineConfiguration.format.map { $0 },
        "What the error of an output over time is compared with.", at: \.baseline),
      .init(
        reading: "checkpoint", CheckpointConfiguration.format.map { $0 },
        "Where and how often the run is saved.", at: \.checkpoint),
      .init(
        reading: "report", ReportConfiguration.format.map { $0 }, "Where the report goes.",
        at: \.report),
      .init(
        reading: "execution", .execution, "Changes no bit of the results.", at: \.execution,
        absence: .means(.object([:]))),
    ]
  ).format()
}

extension JobConfiguration {
  /// The JSON Schema (draft 2020-12) of a configuration, made of the tables that it is read by.
  public static let schema: JSONValue = {
    var schema = format.schema
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "spindle train"
    schema["description"] = "The configuration of a training run of Spindle."
    return .object(schema)
  }()
}

extension JobConfiguration {
  /// What training makes small.
  var loss: Loss { objective.loss }

  /// The folder of the report; nil for no report.
  public var reportFolder: String? { report?.folder }
  /// Where the run is saved; nil for nowhere.
  public var checkpointPath: String? { checkpoint?.path }
  /// Epochs in all.
  public var epochs: Int { training.epochs }
}
