import SpindleFiles
import SpindleJSON
import SpindleTensors

/// Numbers of a file with their shape: a .npy array, a tensor of a .safetensors file, or the table
/// of a .csv file [rows, columns].
public struct NumericArray: Sendable {
  private enum Content: Sendable {
    case numpy(NumPyArray)
    case tensor(SafetensorsFile.Tensor)
    case table([Double])
  }

  /// The file.
  public let path: String
  /// Outermost size first.
  public let shape: [Int]
  /// The names of a table's columns; nil where it has none.
  public let columnNames: [String]?
  private let content: Content

  /// Reads a file; its name's ending says of which kind.
  ///
  /// - Parameters:
  ///   - path: of a .npy, .safetensors or .csv file.
  ///   - tensor: the name of the tensor in a .safetensors file; nil where it holds one alone.
  ///   - columns: the columns of a .csv file, by the names in its first line; nil for all.
  /// - Throws: where the file cannot be read or is damaged, and where there is no such tensor or
  ///   column; the message names those that are there.
  public init(
    contentsOf path: String, tensor: String? = nil, columns: [String]? = nil
  ) throws(SpindleError) {
    let kind = path.split(separator: "/").last?.split(separator: ".").dropFirst().last
    if tensor != nil, kind != "safetensors" {
      throw .invalidData(path: path, reason: "a tensor can be named in a .safetensors file alone")
    }
    if columns != nil, kind != "csv" {
      throw .invalidData(path: path, reason: "columns can be named in a .csv file alone")
    }
    switch kind {
    case "npy": try self.init(numpy: path)
    case "safetensors": try self.init(safetensors: path, tensor: tensor)
    case "csv":
      var table = try NumericTable(contentsOf: path)
      if let columns { table = try table.selecting(columns) }
      self.init(table)
    default:
      throw .invalidData(
        path: path, reason: "expected a name that ends in .npy, .safetensors or .csv")
    }
  }

  init(_ table: NumericTable) {
    path = table.path
    shape = [table.rows, table.columns]
    columnNames = table.names
    content = .table(table.values)
  }

  private init(numpy path: String) throws(SpindleError) {
    let array = try rethrowing(try NumPyArray(contentsOf: path)) { (error: NumPyError) in
      SpindleError(error, path: path)
    }
    self.path = path
    shape = array.shape
    columnNames = nil
    content = .numpy(array)
  }

  private init(safetensors path: String, tensor name: String?) throws(SpindleError) {
    let file = try rethrowing(try SafetensorsFile(contentsOf: path)) { (error: SafetensorsError) in
      SpindleError(error, path: path)
    }
    let known = file.tensors.map { quoted($0.name) }.joined(separator: ", ")
    let tensor: SafetensorsFile.Tensor?
    if let name {
      tensor = file[name]
    } else {
      tensor = file.tensors.count == 1 ? file.tensors[0] : nil
    }
    guard let tensor else {
      let wanted = name.map { "there is no tensor \(quoted($0))" } ?? "name one of its tensors"
      throw .invalidData(
        path: path, reason: known.isEmpty ? "it holds no tensors" : "\(wanted); it holds \(known)")
    }
    self.path = path
    shape = tensor.shape
    columnNames = nil
    content = .tensor(tensor)
  }

  /// The numbers in row-major order, each as the nearest Float; NaN and infinity are errors.
  public func floats() throws(SpindleError) -> [Float] {
    let values =
      switch content {
      case .numpy(let array): array.floats()
      case .tensor(let tensor): tensor.floats()
      case .table(let values): values.map { Float($0) }
      }
    try values.checkFinite(path)
    return values
  }

  /// The numbers in row-major order, each as the nearest Double; NaN and infinity are errors.
  public func doubles() throws(SpindleError) -> [Double] {
    let values =
      switch content {
      case .numpy(let array): array.doubles()
      case .tensor(let tensor): tensor.doubles()
      case .table(let values): values
      }
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(what: path, index: index, got: Float(values[index]))
    }
    return values
  }

  /// The numbers in row-major order as integers; one with a fraction is an error.
  public func integers() throws(SpindleError) -> [Int] {
    switch content {
    case .numpy(let array): if let integers = try? array.integers() { return integers }
    case .tensor(let tensor): if let integers = try? tensor.integers() { return integers }
    case .table: break
    }
    var integers: [Int] = []
    for value in try doubles() {
      guard let integer = Int(exactly: value) else {
        throw .invalidValue(
          what: "number \(integers.count) of \(path)", expected: "an integer", got: "\(value)")
      }
      integers.append(integer)
    }
    return integers
  }
}

extension SpindleError {
  /// A file's error, in which the path comes once.
  init(_ error: NumPyError, path: String) {
    switch error {
    case .file(let error): self = .file(error.description)
    case .inFile(_, let inner): self = .invalidData(path: path, reason: inner.description)
    default: self = .invalidData(path: path, reason: error.description)
    }
  }

  /// A file's error, in which the path comes once.
  init(_ error: SafetensorsError, path: String) {
    switch error {
    case .file(let error): self = .file(error.description)
    case .inFile(_, let inner): self = .invalidData(path: path, reason: inner.description)
    default: self = .invalidData(path: path, reason: error.description)
    }
  }
}
