import Spindle
import SpindleTensors

/// A case: a network, its input, weights and target, and what is expected of one training step.
///
/// Whatever a value of this type holds is checked: the description, the presence, type and shape of
/// every tensor, and that all numbers the engines are given are finite. Expected numbers are taken
/// as they are, since a comparison fails on NaN by itself.
public struct CaseFile: Sendable {
  /// The key of the description in the file's metadata.
  public static let metadataKey = "spindle.case"
  /// The most neurons x steps x samples, neurons of each layer counted in blocks of 16: the
  /// reference keeps some 40 bytes for each.
  public static let largestTrace = 1 << 26

  /// What the JSON text says.
  public let model: CaseModel
  /// B.
  public let batch: Int
  /// T.
  public let steps: Int
  /// The tensors and metadata as they stand in the file.
  public let contents: SafetensorsFile

  /// Checks what a file holds.
  ///
  /// - Throws: the case of ``CaseError`` for the first fault found.
  public init(_ contents: SafetensorsFile) throws(CaseError) {
    guard let text = contents.metadata[Self.metadataKey] else { throw .noDescription }
    if let key = contents.metadata.keys.sorted().first(where: { $0 != Self.metadataKey }) {
      throw .unknownMetadata(key: key)
    }
    let model = try CaseModel(parsing: text)
    let layout = CaseLayout(model: model, contents: contents)
    (batch, steps) = try layout.checkTensors()
    self.model = model
    self.contents = contents
  }

  /// Reads the file at `path`.
  ///
  /// - Throws: `inFile` with the path and the fault.
  public init(contentsOf path: String) throws(CaseError) {
    let contents: SafetensorsFile
    do throws(SafetensorsError) {
      contents = try SafetensorsFile(contentsOf: path)
    } catch .inFile(_, let error) {
      throw .inFile(path: path, .safetensors(error))
    } catch {
      throw .inFile(path: path, .safetensors(error))
    }
    do throws(CaseError) {
      try self.init(contents)
    } catch {
      throw .inFile(path: path, error)
    }
  }

  /// Writes the file at `path`, as a whole or not at all.
  public func write(to path: String) throws(CaseError) {
    do throws(SafetensorsError) {
      try contents.write(to: path)
    } catch {
      throw .inFile(path: path, .safetensors(error))
    }
  }

  /// x [B,T,I].
  public var input: [Float] { values("input") ?? [] }

  /// The numbers of a tensor, or nil where the file has none of this name.
  func values(_ name: String) -> [Float]? { contents[name]?.floats() }

  /// What a run computes and a case may expect: names without "expected.", in the order of
  /// reports, and shapes.
  public var results: [CaseTensor] { model.results(batch: batch, steps: steps) }

  /// What is expected of a result, or nil where the case does not say.
  public func expected(_ result: CaseTensor) -> [Float]? { values("expected.\(result.name)") }

  /// Whether the case expects anything at all.
  public var hasExpectations: Bool {
    contents.tensors.contains { $0.name.hasPrefix("expected.") }
  }

  /// The same case with these expectations instead of its own.
  func expecting(_ expectations: [(CaseTensor, [Float])]) throws(CaseError) -> CaseFile {
    let file: SafetensorsFile
    do throws(SafetensorsError) {
      var tensors = contents.tensors.filter { !$0.name.hasPrefix("expected.") }
      for (result, values) in expectations {
        tensors.append(
          try SafetensorsFile.Tensor("expected.\(result.name)", shape: result.shape, values))
      }
      file = try SafetensorsFile(tensors, metadata: contents.metadata)
    } catch {
      throw .safetensors(error)
    }
    return try CaseFile(file)
  }
}
