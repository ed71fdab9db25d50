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
  /// reference keeps some 60 bytes for each.
  public static let largestTrace = 1 << 26

  /// The network. Numbers of neurons that the file has as a tensor are the tensor's; the others keep
  /// the precision of the text.
  public let description: NetworkDescription
  /// What the step of training computes.
  public let loss: CaseLoss
  /// The network's parameters, by the one numbering of layers.
  public let parameters: [Parameter]
  /// B.
  public let batch: Int
  /// T.
  public let steps: Int
  /// The tensors and metadata as they stand in the file.
  public let contents: SafetensorsFile
  private let version: CaseText.Version

  /// Checks what a file holds.
  ///
  /// - Throws: the case of ``CaseError`` for the first fault found.
  public init(_ contents: SafetensorsFile) throws(CaseError) {
    guard let text = contents.metadata[Self.metadataKey] else { throw .noDescription }
    if let key = contents.metadata.keys.sorted().first(where: { $0 != Self.metadataKey }) {
      throw .unknownMetadata(key: key)
    }
    let parsed = try CaseText(parsing: text)
    var network = parsed.network
    do throws(SpindleError) { parameters = try network.parameters } catch { throw .engine(error) }
    let layout = CaseLayout(text: parsed, parameters: parameters, contents: contents)
    (batch, steps) = try layout.checkTensors()
    (loss, version) = (parsed.loss, parsed.version)
    for parameter in parameters where parameter.role.isOfNumbers {
      guard let tensor = contents[version.name(of: parameter)] else { continue }
      network.layers[parameter.layer][numbers: parameter.role] = .each(
        tensor.floats().map { Double($0) })
    }
    do throws(SpindleError) { try network.check() } catch { throw .engine(error) }
    description = network
    self.contents = contents
    try layout.checkExpectations(of: results)
  }

  /// A new case, of version 2 of the format.
  ///
  /// - Parameters:
  ///   - network: what is computed; weights and biases are the tensors'.
  ///   - loss: what is made small.
  ///   - tensors: the parameters by their names, as in "0.weight", "input" and "target".
  /// - Throws: the case of ``CaseError`` for the first fault found.
  public init(
    _ network: NetworkDescription, loss: CaseLoss, tensors: [SafetensorsFile.Tensor]
  ) throws(CaseError) {
    let contents: SafetensorsFile
    do throws(SafetensorsError) {
      contents = try SafetensorsFile(
        tensors, metadata: [Self.metadataKey: CaseText.text(of: network, loss)])
    } catch {
      throw .safetensors(error)
    }
    try self.init(contents)
  }

  /// Reads the file at `path`.
  ///
  /// - Throws: `inFile` with the path and the fault.
  public init(contentsOf path: String) throws(CaseError) {
    do throws(SpindleError) { try checkFile(path) } catch { throw .unreadable(error) }
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

  /// The tensor of a parameter, as the file numbers layers.
  func name(of parameter: Parameter) -> String { version.name(of: parameter) }

  /// The file's numbers of a parameter; nil where it has none.
  func values(of parameter: Parameter) -> [Float]? { values(name(of: parameter)) }

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
