import Spindle
import SpindleJSON

/// What the JSON text of a case says: the network without its weights, and the loss.
///
/// Shape letters, here and in all of the module: B batch, T steps, I inputs, N neurons.
struct CaseText: Sendable {
  /// The versions of the format, by their name in the text.
  enum Version: String, Sendable, CaseIterable {
    /// Lists connections and neurons apart, and numbers tensors so.
    case one = "spindle-case-1"
    /// Has the network's own JSON. New cases are of this version.
    case two = "spindle-case-2"

    /// The tensor of a parameter in files of this version.
    func name(of parameter: Parameter) -> String {
      switch self {
      case .one: parameter.version1Name
      case .two: parameter.name
      }
    }
  }

  /// How errors name the outermost object.
  static let place = "spindle.case"

  /// The losses of the format.
  static let losses: [Loss] = [
    .meanRateMSE, .rateCrossEntropy, .maxMembraneCrossEntropy, .meanMembraneCrossEntropy,
    .membraneMSE,
  ]

  let version: Version
  let network: NetworkDescription
  let loss: Loss

  /// Reads the text. Every key and value that the format does not know is an error.
  ///
  /// - Throws: the case of ``CaseError`` for the first fault found.
  init(parsing text: String) throws(CaseError) {
    do throws(DescriptionError) {
      let object = try DescriptionValue(parsing: text, root: Self.place).object()
      // Of another version nothing else can be said.
      version = try object.value("format").choice(Version.self)
      switch version {
      case .one: network = try NetworkDescription(version1: object)
      case .two:
        try object.allow(["format", "network", "loss"])
        network = try NetworkDescription(object.value("network"))
      }
      let kind = try object.value("loss").object(allowing: ["kind"]).value("kind")
      let name = try kind.text(allowed: Self.losses.map(\.name))
      loss = Self.losses.first { $0.name == name } ?? .meanRateMSE
    } catch {
      throw .description(error)
    }
    guard !loss.readsSpikes || network.layers.last?.neurons.spiking != nil else {
      throw .lossNeedsSpikes(loss)
    }
  }

  /// The text of a new case.
  static func text(of network: NetworkDescription, _ loss: Loss) -> String {
    JSONValue.object([
      "format": .string(Version.two.rawValue), "network": network.json,
      "loss": .object(["kind": .string(loss.name)]),
    ]).text
  }
}
