import SpindleJSON

/// Why a file of weights or a checkpoint was refused; part of `SpindleError.invalidFile`.
public enum FileFault: Error, Equatable, Sendable {
  /// The bytes are no longer those that were written: cut off, changed or incomplete.
  case damaged(String)
  /// A file of another kind.
  case notCheckpoint(String)
  /// A checkpoint where weights alone were expected.
  case isCheckpoint
  /// A checkpoint of a format that came after this version of Spindle.
  case newerVersion(found: Int, known: Int)
  /// Of another network; one sentence for each difference.
  case otherNetwork([String])
  /// The tensors are not the network's parameters; names that lack, names too many, and sentences
  /// on those of another shape or type.
  case otherTensors(missing: [String], unexpected: [String], differing: [String])
  /// A value that the parameter may not have.
  case badValue(String)
  /// The training that goes on from it is another.
  case otherTraining(String)
}

extension FileFault: CustomStringConvertible {
  /// One sentence without the path.
  public var description: String {
    switch self {
    case .damaged(let what): "the file is damaged: \(what)"
    case .notCheckpoint(let what): "this is not a checkpoint of Spindle: \(what)"
    case .isCheckpoint:
      "this is a checkpoint, and weights alone were expected; read it as a checkpoint"
    case .newerVersion(let found, let known):
      "the checkpoint's format is version \(found), and this Spindle reads up to version \(known); "
        + "use a newer Spindle"
    case .otherNetwork(let differences):
      "the checkpoint is of another network: " + Self.list(differences, separator: "; ")
    case .otherTensors(let missing, let unexpected, let differing):
      "the tensors are not this network's: "
        + [
          missing.isEmpty ? nil : "missing \(Self.list(missing.map(quoted)))",
          unexpected.isEmpty ? nil : "unexpected \(Self.list(unexpected.map(quoted)))",
          differing.isEmpty ? nil : Self.list(differing),
        ].compactMap(\.self).joined(separator: "; ")
    case .badValue(let what): what
    case .otherTraining(let what): what
    }
  }

  /// Up to eight entries: a hostile file may hold thousands of names.
  private static func list(_ texts: [String], separator: String = ", ") -> String {
    let shown = texts.prefix(8).joined(separator: separator)
    return texts.count > 8 ? "\(shown) and \(texts.count - 8) more" : shown
  }
}
