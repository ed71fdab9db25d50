import Spindle
import SpindleJSON
import SpindleTensors

/// What is wrong with a case, each with one sentence that names the place and says what is allowed.
public enum CaseError: Error, Equatable, Sendable {
  /// The fault is in the file at `path`.
  indirect case inFile(path: String, CaseError)
  /// The file cannot be read or written, or is no safetensors file.
  case safetensors(SafetensorsError)
  /// The file's metadata lack the key `spindle.case`.
  case noDescription
  /// The file's metadata have another key.
  case unknownMetadata(key: String)
  /// The text under `spindle.case` is not what the format says.
  case description(DescriptionError)
  /// The loss reads spikes, and the last layer has none.
  case lossNeedsSpikes(Loss)
  /// A tensor that the description asks for is not there.
  case missingTensor(name: String, shape: String)
  /// A tensor belongs to nothing in the description.
  case unknownTensor(name: String, allowed: [String])
  /// A tensor has elements of another type.
  case wrongType(tensor: String, expected: ScalarType, found: ScalarType)
  /// A tensor has another shape.
  case wrongShape(tensor: String, expected: String, found: [Int])
  /// An element of a tensor is outside its range.
  case invalidElement(tensor: String, index: [Int], expected: String, found: String)
  /// The run would keep more than the check is made for.
  case tooLarge(batch: Int, steps: Int, neurons: Int)
  /// The case has nothing to compare with.
  case noExpectations
  /// The result cannot be written as float32.
  case resultNotFinite(tensor: String, index: [Int])
  /// There is a file already where one is to be written.
  case fileExists(path: String)
  /// The C engine refused the case.
  case engine(SpindleError)
  /// The reference refused the case.
  case reference(SpindleError)
}

extension CaseError: CustomStringConvertible {
  /// One sentence.
  public var description: String {
    switch self {
    case .inFile(_, .safetensors(.file(let error))): error.description
    case .inFile(let path, let error): "\(path): \(error)"
    case .safetensors(let error): error.description
    case .noDescription:
      "expected the metadata to have the key \"spindle.case\", found none; this is not a case"
    case .unknownMetadata(let key):
      "expected no key but \"spindle.case\" in the metadata, found \(quoted(key))"
    case .description(let error): error.description
    case .lossNeedsSpikes(let loss):
      "expected a last layer of kind \"lif\" for the loss \"\(loss.name)\", which reads "
        + "spikes, found \"li\""
    case .missingTensor, .unknownTensor, .wrongType, .wrongShape, .invalidElement:
      tensorDescription
    case .tooLarge(let batch, let steps, let neurons):
      "expected at most \(CaseFile.largestTrace) neurons x steps x samples (neurons in blocks of "
        + "16), found \(neurons) neurons x \(steps) steps x \(batch) samples"
    case .noExpectations:
      "expected at least one tensor \"expected.…\" to compare with, found none; "
        + "\"spindle golden\" computes them"
    case .resultNotFinite(let tensor, let index):
      "expected numbers that float32 can hold, found another in \"\(tensor)\" at \(index)"
    case .fileExists(let path): "\(path): the file exists already; --force replaces it"
    case .engine(let error): "the C engine: \(error)"
    case .reference(let error): "the reference: \(error)"
    }
  }

  /// Of the tensors.
  private var tensorDescription: String {
    switch self {
    case .missingTensor(let name, let shape):
      "expected a tensor \"\(name)\" of shape \(shape), found none"
    case .unknownTensor(let name, let allowed):
      "expected only the tensors \(allowed.joined(separator: ", ")), found \(quoted(name))"
    case .wrongType(let tensor, let expected, let found):
      "expected the type \(expected.rawValue) for tensor \"\(tensor)\", found \(found.rawValue)"
    case .wrongShape(let tensor, let expected, let found):
      "expected the shape \(expected) for tensor \"\(tensor)\", found \(abridged(found))"
    case .invalidElement(let tensor, let index, let expected, let found):
      "expected \(expected) in tensor \"\(tensor)\", found \(found) at \(index)"
    default: ""
    }
  }
}

/// Runs `body`, its error made one of a case.
func wrapping<Other: Error, Result>(
  _ wrap: (Other) -> CaseError, _ body: () throws(Other) -> Result
) throws(CaseError) -> Result {
  do throws(Other) { return try body() } catch { throw wrap(error) }
}
