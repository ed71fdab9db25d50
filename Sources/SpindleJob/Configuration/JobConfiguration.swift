import Spindle
import SpindleJSON

/// Everything that `spindle train` is told: one JSON text, read and checked.
public struct JobConfiguration: Sendable {
  /// How errors name the outermost object.
  static let root = "the configuration"
  /// Where the schema has its own name, for editors.
  static let schemaKey = "$schema"

  /// The text as it was read, with what the command line changed.
  public let json: JSONValue
  /// Its inputs are 0 where the text does not say them: they are those of the data.
  public let network: NetworkDescription
  let data: DataConfiguration
  let loss: Loss
  let optimizer: Optimizer
  let schedule: Schedule
  let clipping: Clipping
  let regularization: [RatePenalty]
  let training: TrainingConfiguration
  let baseline: BaselineConfiguration?
  let checkpoint: CheckpointConfiguration?
  let report: ReportConfiguration?
  let execution: Execution
}

extension JobConfiguration {
  /// Reads a configuration. Every key and value that is not known is an error.
  public init(_ json: JSONValue) throws(DescriptionError) {
    self = try Self.format.read(DescriptionValue(json, root: Self.root))
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
      try self.init(try value.changed(by: overrides, root: Self.root))
    } catch {
      throw .configuration(error.description)
    }
  }

  static let format = Format.object(Section.all) { object throws(DescriptionError) in
    JobConfiguration(
      json: object.json,
      network: try object.read(Section.network), data: try object.read(Section.data),
      loss: try object.read(Section.loss), optimizer: try object.read(Section.optimizer),
      schedule: try object.read(Section.schedule),
      clipping: try object.read(Section.clipping),
      regularization: try object.read(Section.regularization),
      training: try object.read(Section.training),
      baseline: try object.optional(Section.baseline),
      checkpoint: try object.optional(Section.checkpoint),
      report: try object.optional(Section.report), execution: try object.read(Section.execution))
  }
}

/// The sections of a configuration.
private enum Section {
  static let schema = Key(
    JobConfiguration.schemaKey, Format<String>.text, "The schema, for editors; not read.")
  static let network = Key(
    "network", NetworkDescription.format, "The network.", absence: .refused)
  static let data = Key("data", DataConfiguration.format, "The samples.", absence: .refused)
  static let loss = Key(
    "loss", Format<Loss>.loss, "What training makes small.", absence: .refused)
  static let optimizer = Key(
    "optimizer", Format<Optimizer>.optimizer, "How parameters follow their gradients.",
    absence: .means("adam"))
  static let schedule = Key(
    "schedule", Format<Schedule>.schedule, "How the learning rate changes over the run.",
    absence: .means("constant"))
  static let clipping = Key(
    "clipping", Format<Clipping>.clipping, "What is done to large gradients.",
    absence: .means("none"))
  static let regularization = Key(
    "regularization", Format<[RatePenalty]>.list(of: .penalty), "What else training makes small.",
    absence: .means(.array([])))
  static let training = Key(
    "training", TrainingConfiguration.format, "How long and on what.", absence: .refused)
  static let baseline = Key(
    "baseline", BaselineConfiguration.format,
    "What the error of an output over time is compared with.")
  static let checkpoint = Key(
    "checkpoint", CheckpointConfiguration.format, "Where and how often the run is saved.")
  static let report = Key("report", ReportConfiguration.format, "Where the report goes.")
  static let execution = Key(
    "execution", Format<Execution>.execution, "Changes no bit of the results.",
    absence: .means(.object([:])))

  static let all: [any KeyDescription] = [
    schema, network, data, loss, optimizer, schedule, clipping, regularization, training,
    baseline, checkpoint, report, execution,
  ]
}

extension JobConfiguration {
  /// The JSON Schema (draft 2020-12) of a configuration, made of the tables that it is read by.
  public static var schema: JSONValue {
    var schema = format.schema
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "spindle train"
    schema["description"] = "The configuration of a training run of Spindle."
    return .object(schema)
  }
}

extension JobConfiguration {
  /// The folder of the report; nil for no report.
  public var reportFolder: String? { report?.folder }
  /// Where the run is saved; nil for nowhere.
  public var checkpointPath: String? { checkpoint?.path }
}
