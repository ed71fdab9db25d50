/// Everything that can go wrong in Spindle, each with one sentence that says what was expected and
/// what came.
public enum SpindleError: Error, Equatable, Sendable {
  /// A size is not from 1 to the largest that is possible.
  case invalidSize(what: String, got: Int, maximum: Int)
  /// A buffer's shape differs from the one expected; a count of values is a shape of one number.
  case shapeMismatch(what: String, expected: [Int], got: [Int])
  /// A value is outside its range.
  case invalidValue(what: String, expected: String, got: String)
  /// A value is NaN or infinite; `index` is its place in the flat buffer.
  case notFinite(what: String, index: Int, got: Float)
  /// The layers do not make a network.
  case invalidNetwork(String)
  /// There is no parameter of this name.
  case unknownParameter(name: String, known: [String])
  /// A product of sizes does not fit the address space.
  case sizeOverflow(what: String)
  /// The memory cannot be had. Sizes are in bytes; `available` is nil where the machine does not say.
  case outOfMemory(needed: Int, available: Int?)
  /// The processor, or this build, lacks the instruction set asked for.
  case unsupportedISA(wanted: String, supported: [String])
  /// `Trainer.record` without an `evaluate` since the last training step.
  case nothingRecorded
  /// A file could not be read or written; a sentence with its path and the system's reason.
  case file(String)
  /// A file of weights or a checkpoint was refused.
  case invalidFile(path: String, FileFault)
  /// A file of data does not hold what was expected.
  case invalidData(path: String, reason: String)
  /// `Trainer.predictions` without a loss that has classes before it.
  case nothingPredicted
  /// Training diverged: in this step, counted from 0, a value was not finite, or so large that its
  /// square is not. `layer` counts from 0, `what` names its tensor and place.
  /// Nothing was updated: the network's parameters are those from before the step.
  case diverged(step: Int, layer: Int, what: String, value: Double)
  /// More ranks train together than there are parts of the batch to share; `most` is the number of
  /// parts that the batch can have.
  case tooManyRanks(ranks: Int, parts: Int, most: Int)
  /// The ranks of a training could not reach each other: the trainer is of no more use, and the last
  /// checkpoint is what there is.
  case communication(CommunicationError)
  /// The C core refused a call for a reason that should have been caught before.
  case engine(String)
}

extension SpindleError: CustomStringConvertible {
  /// One sentence.
  public var description: String {
    switch self {
    case .invalidSize(let what, let got, let maximum):
      "\(what) must be from 1 to \(maximum), got \(got)"
    case .shapeMismatch(let what, let expected, let got):
      "\(what) must have shape \(expected), got \(got)"
    case .invalidValue(let what, let expected, let got):
      "\(what) must be \(expected), got \(got)"
    case .notFinite(let what, let index, let got):
      "\(what) must be finite, got \(got) at index \(index)"
    case .invalidNetwork(let reason):
      "these layers make no network: \(reason)"
    case .unknownParameter(let name, let known):
      "there is no parameter \"\(name)\"; the network has \(known.joined(separator: ", "))"
    case .sizeOverflow(let what):
      "\(what) does not fit the address space; choose smaller sizes"
    case .outOfMemory(let needed, let available):
      "\(inBytes(needed)) of memory are needed"
        + (available.map { " and \(inBytes($0)) are available" } ?? " and cannot be had")
        + "; choose a smaller batch, fewer steps or fewer neurons"
    case .unsupportedISA(let wanted, let supported):
      "the instruction set must be one of \(supported.joined(separator: ", ")), got \"\(wanted)\""
    case .nothingRecorded:
      "there is nothing to record before evaluate is called; a training step keeps no potentials"
    case .file(let sentence): sentence
    case .invalidFile(let path, let fault): path.isEmpty ? "\(fault)" : "\(path): \(fault)"
    case .invalidData(let path, let reason): "\(path): \(reason)"
    case .nothingPredicted:
      "there are no predictions before a step or evaluate with a loss of classes"
    case .diverged(let step, let layer, let what, let value):
      "training diverged in step \(step): \(what) of network.layers[\(layer)] is "
        + "\(value.isNaN ? "NaN" : "\(value)"); the parameters are those from before the step; "
        + (step == 0 ? Self.firstStepAdvice : Self.laterStepAdvice)
    case .tooManyRanks(let ranks, let parts, let most):
      "\(ranks) ranks need a part of the batch each, and it is cut into \(parts); "
        + (ranks <= most
          ? "ask for \(ranks) parts or a multiple (Execution.parts)"
          : "it can be cut into \(most): use at most as many ranks, or a larger batch")
    case .communication(let error): error.description
    case .engine(let reason):
      "the engine refused the call: \(reason)"
    }
  }
}

extension SpindleError {
  /// Nothing was updated yet: neither the learning rate nor clipping has a part in it.
  private static let firstStepAdvice =
    "it was the first step, before any update: a larger slope of the surrogate, smaller weights "
    + "(recurrent ones above all) or a detached reset may help"
  private static let laterStepAdvice =
    "lower the learning rate, clip the gradient, or begin with smaller weights"
}

/// Refuses a value that does not hold to its requirement. Texts are made of a refused one alone.
package func require(
  _ holds: Bool, _ what: @autoclosure () -> String, _ expected: @autoclosure () -> String,
  _ got: @autoclosure () -> some CustomStringConvertible
) throws(SpindleError) {
  guard holds else {
    throw .invalidValue(what: what(), expected: expected(), got: got().description)
  }
}

/// Refuses a buffer of another shape.
package func require(
  _ holds: Bool, _ what: @autoclosure () -> String, shape: @autoclosure () -> [Int],
  _ got: @autoclosure () -> [Int]
) throws(SpindleError) {
  guard holds else { throw .shapeMismatch(what: what(), expected: shape(), got: got()) }
}

/// Refuses a file of data that does not hold what it should.
package func require(
  _ holds: Bool, in path: String, _ reason: @autoclosure () -> String
) throws(SpindleError) {
  guard holds else { throw .invalidData(path: path, reason: reason()) }
}

/// A number of bytes in a unit that a person reads, as in "1.5 GiB".
func inBytes(_ count: Int) -> String {
  let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
  var value = Double(count)
  var unit = 0
  while value >= 1024, unit < units.count - 1 {
    value /= 1024
    unit += 1
  }
  return "\((value * 10).rounded() / 10) \(units[unit])"
}
