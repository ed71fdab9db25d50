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

  /// The network, as the text has it: a tensor's numbers take the place of the text's.
  public let description: NetworkDescription
  /// What the step of training computes.
  public let loss: Loss
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
    (description, loss, version) = (parsed.network, parsed.loss, parsed.version)
    do throws(SpindleError) { parameters = try description.parameters } catch {
      throw .engine(error)
    }
    let layout = CaseLayout(text: parsed, parameters: parameters, contents: contents)
    (batch, steps) = try layout.checkTensors()
    do throws(SpindleError) { try description.check() } catch { throw .engine(error) }
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
    _ network: NetworkDescription, loss: Loss, tensors: [SafetensorsFile.Tensor]
  ) throws(CaseError) {
    try self.init(
      wrapping(CaseError.safetensors) { () throws(SafetensorsError) in
        try SafetensorsFile(
          tensors, metadata: [Self.metadataKey: CaseText.text(of: network, loss)])
      })
  }

  /// Reads the file at `path`.
  ///
  /// - Throws: `inFile` with the path and the fault.
  public init(contentsOf path: String) throws(CaseError) {
    func inFile(_ error: SafetensorsError) -> CaseError {
      if case .inFile(_, let error) = error { return inFile(error) }
      return .inFile(path: path, .safetensors(error))
    }
    let contents = try wrapping(inFile) { () throws(SafetensorsError) in
      try SafetensorsFile(contentsOf: path)
    }
    do throws(CaseError) { try self.init(contents) } catch { throw .inFile(path: path, error) }
  }

  /// Writes the file at `path`, as a whole or not at all.
  public func write(to path: String) throws(CaseError) {
    do throws(SafetensorsError) { try contents.write(to: path) } catch {
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

  /// The thresholds of the last layer [N], without adaptation; of integrators none.
  var thresholds: [Double] {
    let last = parameters.last { $0.role == .threshold && $0.layer == description.layers.count - 1 }
    return last.flatMap(values(of:))?.map { Double($0) }
      ?? description.layers.last?.numbers(of: .threshold)?.values(description.outputs) ?? []
  }

  /// What is expected of a result, or nil where the case does not say.
  public func expected(_ result: CaseTensor) -> [Float]? { values("expected.\(result.name)") }

  /// Whether the case expects anything at all.
  public var hasExpectations: Bool {
    contents.tensors.contains { $0.name.hasPrefix("expected.") }
  }

  /// The same case with these expectations instead of its own.
  func expecting(_ expectations: [(CaseTensor, [Float])]) throws(CaseError) -> CaseFile {
    try CaseFile(
      wrapping(CaseError.safetensors) { () throws(SafetensorsError) in
        var tensors = contents.tensors.filter { !$0.name.hasPrefix("expected.") }
        for (result, values) in expectations {
          tensors.append(
            try SafetensorsFile.Tensor("expected.\(result.name)", shape: result.shape, values))
        }
        return try SafetensorsFile(tensors, metadata: contents.metadata)
      })
  }
}
