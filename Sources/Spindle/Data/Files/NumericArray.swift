import SpindleJSON
import SpindleTensors

/// Numbers of a file with their shape: a .npy array, a tensor of a .safetensors file, or the table
/// of a .csv file [rows, columns].
public struct NumericArray: Sendable {
  private enum Content: Sendable {
    case numpy(NumPyArray)
    case tensor(SafetensorsFile.Tensor)
    case table(NumericTable)
  }

  /// The file.
  public let path: String
  /// Outermost size first.
  public let shape: [Int]
  /// The names of a table's columns; nil where it has none.
  public let columnNames: [String]?
  /// Whether the first line of a table numbers its columns, 0, 1, 2, ..., and whether it was taken
  /// for a header is a guess; nil where it was not, or the caller said.
  package let numbering: Numbering?
  private let content: Content

  /// What was made of a table's first line that numbers the columns.
  package enum Numbering: Sendable {
    /// A header.
    case header
    /// Numbers like those below.
    case numbers
  }

  /// Reads a file; its name's ending says of which kind.
  ///
  /// - Parameters:
  ///   - path: of a .npy, .safetensors or .csv file.
  ///   - tensor: the name of the tensor in a .safetensors file; nil where it holds one alone.
  ///   - columns: the columns of a .csv file, by the names in its first line; nil for all.
  ///   - header: whether the first line of a .csv file is a header. Where it is nil that is a line
  ///     without a number, and one that numbers three columns or more, 0, 1, 2, ..., or columns of
  ///     which one has fractions in all lines below.
  /// - Throws: where the file cannot be read or is damaged, and where there is no such tensor or
  ///   column; the message names those that are there.
  public init(
    contentsOf path: String, tensor: String? = nil, columns: [String]? = nil, header: Bool? = nil
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
      var table = try NumericTable(contentsOf: path, header: header)
      let isNumbered = header == nil && table.firstLine == .numberedColumns
      if isNumbered, table.columns > 2 || table.hasFractionsBelow { table = table.takingHeader() }
      if let columns { table = try table.selecting(columns) }
      self.init(
        table, numbering: isNumbered ? (table.names == nil ? .numbers : .header) : nil)
    default:
      throw .invalidData(
        path: path, reason: "expected a name that ends in .npy, .safetensors or .csv")
    }
  }

  private init(_ table: NumericTable, numbering: Numbering?) {
    path = table.path
    shape = [table.rows, table.columns]
    columnNames = table.names
    self.numbering = numbering
    content = .table(table)
  }

  /// The same with a first line that numbers the columns as a header.
  package func takingHeader() -> NumericArray {
    guard numbering == .numbers, case .table(let table) = content else { return self }
    let headed = table.takingHeader()
    return NumericArray(headed, numbering: headed.names == nil ? .numbers : .header)
  }

  /// How exactly the numbers of the file are written; that of a table's column.
  func precision(column: Int = 0) -> TimePrecision {
    switch content {
    case .numpy(let array):
      switch array.type {
      case .float16: return .float16
      case .float32: return .float32
      default: return .float64
      }
    case .tensor(let tensor):
      switch tensor.type {
      case .f16: return .float16
      case .bf16: return .bfloat16
      case .f32: return .float32
      default: return .float64
      }
    case .table(let table):
      return column < table.columns ? table.precisions[column] : .float64
    }
  }

  private init(numpy path: String) throws(SpindleError) {
    try checkFile(path)
    do throws(NumPyError) {
      self.init(try NumPyArray(contentsOf: path), path: path)
    } catch {
      throw SpindleError(error, path: path)
    }
  }

  /// An array that came with the file at this path.
  package init(_ array: NumPyArray, path: String) {
    self.path = path
    shape = array.shape
    columnNames = nil
    numbering = nil
    content = .numpy(array)
  }

  private init(safetensors path: String, tensor name: String?) throws(SpindleError) {
    try self.init(SafetensorsFile(ofData: path), tensor: name, path: path)
  }

  /// A tensor of a file that has been read.
  init(_ file: SafetensorsFile, tensor name: String?, path: String) throws(SpindleError) {
    let tensor = try file.only(name, path: path)
    self.path = path
    shape = tensor.shape
    columnNames = nil
    numbering = nil
    content = .tensor(tensor)
  }

  /// The numbers in row-major order, each as the nearest Float; NaN and infinity are errors.
  public func floats() throws(SpindleError) -> [Float] {
    try checkMemory(shape, bytes: MemoryLayout<Float>.size, of: path)
    let values =
      switch content {
      case .numpy(let array): array.floats()
      case .tensor(let tensor): tensor.floats()
      case .table(let table): table.values.map { Float($0) }
      }
    try values.checkFinite(path)
    return values
  }

  /// The numbers in row-major order, each as the nearest Double; NaN and infinity are errors.
  public func doubles() throws(SpindleError) -> [Double] {
    try checkMemory(shape, bytes: MemoryLayout<Double>.size, of: path)
    let values =
      switch content {
      case .numpy(let array): array.doubles()
      case .tensor(let tensor): tensor.doubles()
      case .table(let table): table.values
      }
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(what: path, index: index, got: Float(values[index]))
    }
    return values
  }

  /// The numbers in row-major order as integers; one with a fraction is an error.
  public func integers() throws(SpindleError) -> [Int] {
    try checkMemory(shape, bytes: 2 * MemoryLayout<Int>.size, of: path)
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

extension SafetensorsFile {
  /// Reads a file of data.
  init(ofData path: String) throws(SpindleError) {
    try checkFile(path)
    do throws(SafetensorsError) {
      try self.init(contentsOf: path)
    } catch {
      throw SpindleError(error, path: path)
    }
  }

  /// The tensor of a name, or the only one.
  func only(_ name: String?, path: String) throws(SpindleError) -> Tensor {
    let all = tensors.map(\.name) + unread.map(\.name)
    let name = name ?? (all.count == 1 ? all[0] : nil)
    let known = all.map { quoted($0) }.joined(separator: ", ")
    do throws(SafetensorsError) {
      if let name { return try tensor(named: name) }
    } catch {
      guard case .missingTensor(let name) = error else { throw SpindleError(error, path: path) }
      throw .invalidData(
        path: path,
        reason: known.isEmpty
          ? "it holds no tensors" : "there is no tensor \(quoted(name)); it holds \(known)")
    }
    throw .invalidData(
      path: path,
      reason: known.isEmpty ? "it holds no tensors" : "name one of its tensors; it holds \(known)")
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
