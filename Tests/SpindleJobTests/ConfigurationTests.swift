import Spindle
import SpindleJSON
import TestSupport
import Testing

@testable import SpindleJob

/// A short configuration, for tests to change.
let shortText = """
  {
    "network": {"layers": [{"kind": "lif", "neurons": 12, "topology": "RC"}, {"kind": "li", "neurons": 2}]},
    "data": {
      "generator": {"kind": "delayed_cue", "cues": 2, "samples": 40, "delay_steps": 5, "cue_steps": 5, "recall_steps": 5},
      "split": {"train": 0.5, "validation": 0.25, "test": 0.25}
    },
    "loss": "mean_membrane_cross_entropy",
    "training": {"epochs": 3, "batch": 8, "seed": 4}
  }
  """

extension JobConfiguration {
  /// The short configuration with changes as of `--set`.
  static func short(_ changes: String...) throws -> JobConfiguration {
    try JobConfiguration(parsing: shortText, overrides: changes.map { try Override($0) })
  }
}

/// Reading of configurations.
struct ConfigurationTests {
  /// What a text leaves out is what the network's own types have, and is written out in its JSON.
  @Test func theNetworkIsTheLibrarys() throws {
    let network = try JobConfiguration.short().network
    #expect(network.inputs == 0 && network.json["inputs"] == nil)
    #expect(network.layers == [.lif(12, recurrence: .rc()), .li(2)])
    let said = try JobConfiguration.short("network.inputs=12")
    #expect(said.network.inputs == 12)
    _ = try Job(said)
    let wrong = try JobConfiguration.short("network.inputs=13")
    let error = #expect(throws: JobError.self) { try Job(wrong) }
    #expect(error?.description.contains("network.inputs must be 12") == true)
  }

  @Test func aShortTextHasDefaults() throws {
    let short = try JobConfiguration.short()
    #expect(short.network.timeStep == 1e-3)
    #expect(short.optimizer == .adam(learningRate: 1e-3))
    #expect(short.clipping == .none)
    #expect(short.checkpoint == nil && short.report == nil && short.baseline == nil)
    #expect(!short.training.keepsBest && short.training.shuffles)
    #expect(short.data.split.fractions == [0.5, 0.25, 0.25])
  }

  /// What a text says is what is read, and its own JSON reads as the same again.
  @Test func everyExampleRoundTrips() throws {
    for file in Template.all.flatMap(\.configurations) {
      let first = try JobConfiguration(parsing: file.text)
      let again = try JobConfiguration(parsing: first.json.text)
      #expect(first.json == again.json, "\(file.name)")
      #expect(try JSONValue(parsing: first.json.prettyText) == first.json, "\(file.name)")
    }
  }

  /// A change, and what the error's sentence must contain.
  struct BadChange: Sendable, CustomTestStringConvertible {
    let change: String
    let words: [String]

    init(_ change: String, _ words: String...) {
      (self.change, self.words) = (change, words)
    }

    var testDescription: String { change }
  }

  static let changes = [
    BadChange("network.layers.1.tua=0.02", "network.layers[1]", "\"tua\"", "mean \"tau\"?"),
    BadChange("network.layers.1.tau=0", "network.layers[1].tau", "above zero", "0"),
    BadChange("network.layers[0].tau=[1,2]", "network.layers[0].tau", "a list of 12"),
    BadChange("network.layers.0.neurons=0", "network.layers[0].neurons", "from 1 to"),
    BadChange("network.layers.0.neurons=many", "network.layers[0].neurons", "\"many\""),
    BadChange("network.layers.0.kind=cnn", "network.layers[0].kind", "\"lif\", \"li\"", "\"cnn\""),
    BadChange("network.layers.0.topology=ff", "layers[0].topology", "\"FF\", \"RC\"", "\"ff\""),
    BadChange("network.layers.0.kind=li", "\"topology\"", "network.layers[0]"),
    BadChange("network.layers.0.surrogate.kind=relu", "layers[0].surrogate.kind", "\"relu\""),
    BadChange("network.layers.0.surrogate=relu", "layers[0].surrogate", "triangular", "\"relu\""),
    BadChange("network.layers.0.weights.kind=normal", "standard_deviation", "layers[0].weights"),
    BadChange("network.layers.0.weights=true", "network.layers[0].weights", "an object", "true"),
    BadChange("network.layers.0.bias=yes", "network.layers[0].bias", "\"yes\""),
    BadChange(
      "network.layers.0.weights={\"kind\":\"uniform\",\"low\":1,\"high\":0}", "weights.high",
      "above low"),
    BadChange(
      "network.layers.1.learn_synaptic_tau=true", "layers[1]", "no synaptic_tau to learn"),
    BadChange(
      "network.layers.0={\"kind\":\"lif\",\"neurons\":2,\"threshold\":[1,0],\"learn_threshold\":true}",
      "network.layers[0].threshold[1]", "positive"),
    BadChange(
      "network.layers.0={\"kind\":\"lif\",\"neurons\":2,\"recurrent_weights\":1}",
      "network.layers[0].recurrent_weights", "topology \"FF\""),
    BadChange("network.inputs=0", "network.inputs", "from 1 to"),
    BadChange("network.layers=[]", "network.layers", "at least 1", "a list of 0"),
    BadChange(
      "network.layers.0={\"kind\":\"li\",\"neurons\":4}", "network", "layers[0]", "last layer"),
    BadChange("network.time_step=-1", "network.time_step", "above zero"),
    BadChange("network.layers.7.tau=1", "network.layers", "from 0 to 1", "\"7\""),
    BadChange("training.epochs.x=1", "training.epochs", "an object or a list", "3"),
    BadChange("training.epochs=null", "\"epochs\" in training"),
    BadChange("training.epochs=1.5", "training.epochs", "an integer", "1.5"),
    BadChange("training.sede=1", "\"sede\"", "mean \"seed\"?"),
    BadChange("training.early_stopping.minimum_delta=1", "\"patience\""),
    BadChange("training.monitor=recall", "\"loss\", \"accuracy\"", "\"recall\""),
    BadChange("network.layers.0.dropout=1", "network.layers[0].dropout", "below 1"),
    BadChange("network.layers.0.refractory_steps=-1", "layers[0].refractory_steps", "from 0"),
    BadChange("network.layers.0.adaptation={\"strength\":1}", "\"tau\" in", "adaptation"),
    BadChange(
      "network.layers.0.adaptation={\"strength\":[1,2],\"tau\":0.1}", "adaptation.strength",
      "a list of 12"),
    BadChange("network.layers.0.reset_timing=late", "reset_timing", "\"delayed\"", "\"late\""),
    BadChange(
      "network.layers.0={\"kind\":\"lif\",\"neurons\":2,\"reset\":\"zero\",\"reset_timing\":\"delayed\"}",
      "layers[0].reset_timing", "detached"),
    BadChange(
      "network.layers.0.weights=fluctuation_driven", "\"rate\" in network.layers[0].weights"),
    BadChange("regularization=[{\"kind\":\"rate_l1\"}]", "\"strength\" in regularization[0]"),
    BadChange(
      "regularization=[{\"kind\":\"rate_lower_bound\",\"strength\":1,\"bound\":2}]",
      "regularization[0].bound", "from 0"),
    BadChange("regularization=rate_l1", "regularization", "a list"),
    BadChange("loss=van_rossum", "\"tau\" in loss"),
    BadChange(
      "loss={\"kind\":\"recall_cross_entropy\",\"first_step\":1}", "\"answer_steps\" in loss"),
    BadChange("loss=hinge", "loss", "mean_rate_mse", "\"hinge\""),
    BadChange("loss=3", "loss", "an object", "3"),
    BadChange("optimizer=adamx", "optimizer", "\"adamax\"", "\"adamx\""),
    BadChange("optimizer.kind=sgd2", "optimizer.kind", "sgd", "\"sgd2\""),
    BadChange("optimizer={\"kind\":\"adam\",\"momentum\":0.9}", "\"momentum\"", "optimizer"),
    BadChange("optimizer={\"kind\":\"adam\",\"beta1\":1}", "optimizer.beta1", "below 1"),
    BadChange("optimizer={\"kind\":\"sgd\",\"nesterov\":true}", "optimizer.nesterov", "momentum"),
    BadChange("clipping=norm", "clipping", "\"limit\""),
    BadChange("schedule=linear", "schedule", "one_cycle", "\"linear\""),
    BadChange("schedule=step", "\"every\" in schedule"),
    BadChange("schedule={\"kind\":\"cosine\",\"end\":2}", "schedule.end", "from 0"),
    BadChange("data.split.train=0.9", "data.split", "at most 1", "1.4"),
    BadChange("data.split.train=0", "data.split.train", "above zero"),
    BadChange("data.file=x.npy", "data.file", "generator", "both"),
    BadChange("data.steps=3", "data.steps", "generator"),
    BadChange("data.generator.delay_step=3", "mean \"delay_steps\"?"),
    BadChange("data.generator.kind=noise", "rectified_noise", "\"noise\""),
    BadChange(
      "data.transforms=[{\"kind\":\"standardise\"}]", "data.transforms[0].kind", "standardize"),
    BadChange("data.transforms=[\"select\"]", "\"units\" in data.transforms[0]"),
    BadChange(
      "data.transforms=[{\"kind\":\"standardize\",\"mean\":[0]}]", "standard_deviation",
      "data.transforms[0]"),
    BadChange("data.transforms=[{\"kind\":\"crop\",\"from\":3,\"to\":2}]", "transforms[0].to"),
    BadChange("data.encoder=poisson", "data.encoder", "rate", "\"poisson\""),
    BadChange("data.encoder=[\"rate\",{\"kind\":\"delta\"}]", "\"threshold\" in data.encoder[1]"),
    BadChange("checkpoint.every=2", "\"path\" in checkpoint"),
    BadChange("report={}", "\"folder\" in report"),
    BadChange("execution.isa=sse9", "execution.isa", "avx2", "\"sse9\""),
    BadChange("execution.threads=0", "execution.threads", "from 1 to"),
    BadChange("baseline={\"kind\":\"linear_least_squares\",\"lags\":0}", "baseline.lags"),
    BadChange("netwrk={}", "\"netwrk\"", "the configuration", "mean \"network\"?"),
  ]

  @Test(arguments: changes) func everyFaultIsOneSentence(bad: BadChange) throws {
    let change = try Override(bad.change)
    do throws(JobError) {
      _ = try JobConfiguration(parsing: shortText, overrides: [change])
      Issue.record("no error")
    } catch {
      #expect(!error.description.contains("\n"))
      for word in bad.words { #expect(error.description.contains(word), "\(error)") }
    }
  }

  @Test(arguments: ["", "[]", "{", "{\"network\": 1, \"network\": 2}", "null"])
  func otherTextsAreRefused(text: String) {
    #expect(throws: JobError.self) { try JobConfiguration(parsing: text) }
  }

  @Test func overridesReachEveryPlace() throws {
    let changed = try JobConfiguration.short(
      "network.layers.0.neurons=64", "network.layers[1].tau=0.5", "optimizer.kind=adamax",
      "optimizer.learning_rate=1e-2", "data.transforms=[{\"kind\":\"repeat\",\"times\":2}]",
      "data.transforms.0.times=3", "report.folder=out=1", "training.batch=\"16\"",
      "training.batch=16")
    #expect(changed.network.layers[0].neurons.count == 64)
    #expect(changed.network.layers[1].neurons.spiking == nil)
    #expect(changed.network.layers[1].neurons.tau == 0.5)
    #expect(changed.optimizer == .adamax(learningRate: 1e-2))
    #expect(changed.reportFolder == "out=1")
    #expect(changed.training.batch == 16)
    guard case .repeatSteps(3)? = changed.data.transforms.first else {
      Issue.record("no repetition")
      return
    }
    let without = try JobConfiguration.short("network.layers.0.topology=null")
    #expect(without.network.layers[0].recurrence == .ff, "null takes no key away")
  }

  /// A change within what a key has by default, or by the name of a kind alone, keeps that kind.
  @Test func overridesReachIntoShortForms() throws {
    let byDefault = try JobConfiguration.short(
      "optimizer=null", "optimizer.learning_rate=0.1", "schedule.warm_up=3",
      "network.layers.0.surrogate.slope=7", "network.layers.0.weights.gain=2",
      "execution.threads=2")
    #expect(byDefault.optimizer == .adam(learningRate: 0.1))
    #expect(byDefault.schedule == Schedule(.constant, warmUp: 3))
    #expect(byDefault.network.layers[0].neurons.spiking?.surrogate.slope == 7)
    #expect(byDefault.execution.threads == 2)
    let byName = try JobConfiguration.short(
      "optimizer=sgd", "optimizer.momentum=0.9", "schedule=cosine", "schedule.end=0.5",
      "loss=van_rossum", "loss.tau=0.5", "clipping=norm", "clipping.limit=2",
      "network.layers.0.weights=normal", "network.layers.0.weights.standard_deviation=0.5",
      "data.transforms=[\"standardize\"]", "data.transforms.0.over=all")
    #expect(byName.optimizer == .sgd(momentum: 0.9))
    #expect(byName.schedule == .cosine(end: 0.5))
    #expect(byName.loss == .vanRossum(tau: 0.5))
    #expect(byName.clipping == .byNorm(2))
    #expect(
      byName.network.layers[0].connection.weights == .normal(mean: 0, standardDeviation: 0.5))
    #expect(
      try JobConfiguration.short("clipping=null", "clipping.kind=none").clipping == Clipping.none)
    #expect(throws: JobError.self) { try JobConfiguration.short("training.batch.x=1") }
    #expect(throws: JobError.self) {
      try JobConfiguration.short("report.folder=x", "report.folder.y=1")
    }
  }

  /// Of larger seeds, several are the same number in JSON.
  @Test func seedsThatJSONRoundsAreRefused() throws {
    #expect(
      try JobConfiguration.short("training.seed=9007199254740991").training.seed
        == 9_007_199_254_740_991)
    for seed in ["9007199254740992", "9007199254740993", "18446744073709551615"] {
      #expect(throws: JobError.self) { try JobConfiguration.short("training.seed=\(seed)") }
    }
  }

  @Test(arguments: ["", "=", "=1", "a", "a..b=1", ".a=1", "a.=1"])
  func overridesThatAreNone(text: String) {
    #expect(throws: JobError.self) { try Override(text) }
  }

  @Test func deepPathsAreRefused() {
    let deep = Array(repeating: "a", count: 10_000).joined(separator: ".") + "=1"
    #expect(throws: JobError.self) { try Override(deep) }
  }

  /// Random changes of valid texts: none may crash the reader, and what it accepts it writes again.
  @Test func mutations() throws {
    let seeds = [shortText] + Template.all.flatMap(\.configurations).map(\.text)
    let words = [
      "{", "}", "[", "]", ",", ":", "\"", "0", "-1", "1e9", "1e400", "null", "true", "\"RC\"",
      "9223372036854775808", "\"tau\":", "\"kind\":", "\"li\"", "[1,2]", "\"bias\": true,",
    ]
    try Fuzz().run("configurations", seeds.map { Array($0.utf8) }, words: words) { bytes in
      guard let text = String(validating: bytes, as: UTF8.self) else { return false }
      let configuration: JobConfiguration
      do throws(JobError) {
        configuration = try JobConfiguration(parsing: text)
      } catch {
        guard !error.description.contains("\n") else { throw Unsound(what: "\(error)") }
        return false
      }
      guard try JobConfiguration(parsing: configuration.json.text).json == configuration.json else {
        throw Unsound(what: "it does not come back")
      }
      return true
    }
  }

  @Test func onlySomeKeysMayChange() throws {
    let changes = [try Override("training.epochs=9"), try Override("training.epochsx=9")]
    try Override.check([changes[0]], allowed: ["training.epochs"], by: "resume")
    #expect(throws: JobError.self) {
      try Override.check(changes, allowed: ["training.epochs"], by: "resume")
    }
  }
}
