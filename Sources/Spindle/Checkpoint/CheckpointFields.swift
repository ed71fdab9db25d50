import Safetensors

/// An object of a checkpoint's JSON text, read with an error for what is not as it was written.
struct CheckpointFields {
  private let members: [String: JSONValue]

  init(parsing text: String) throws(FileFault) {
    let value: JSONValue
    do throws(SafetensorsError) {
      value = try JSONValue(parsing: text)
    } catch {
      throw .damaged("its description is not JSON: \(error.description)")
    }
    try self.init(value)
  }

  init(_ value: JSONValue) throws(FileFault) {
    guard case .object(let members) = value else {
      throw .damaged("its description holds a value where an object should be")
    }
    self.members = members
  }

  /// Refuses another format, then a newer version.
  func checkFormat() throws(FileFault) {
    guard case .string(Checkpoint.format)? = members["format"] else {
      throw .notCheckpoint("its format is not \"\(Checkpoint.format)\"")
    }
    let version = try integer("version")
    guard version <= Checkpoint.version else {
      throw .newerVersion(found: version, known: Checkpoint.version)
    }
    guard version >= 1 else { throw fault("version") }
  }

  func fault(_ key: String) -> FileFault {
    .damaged("\(quoted(key)) in its description is missing or not of its kind")
  }

  func string(_ key: String) throws(FileFault) -> String {
    guard case .string(let text)? = members[key] else { throw fault(key) }
    return text
  }

  /// A whole number, not negative.
  func integer(_ key: String) throws(FileFault) -> Int {
    guard case .number(let number)? = members[key], let integer = Int(exactly: number),
      integer >= 0
    else { throw fault(key) }
    return integer
  }

  /// A number of 64 bits, which JSON's numbers cannot hold.
  func bits(_ key: String) throws(FileFault) -> UInt64 {
    guard let value = UInt64(try string(key)) else { throw fault(key) }
    return value
  }

  func number(_ key: String) throws(FileFault) -> Double {
    switch members[key] {
    case .number(let number)?: return number
    // What is not finite stands as a word.
    case .string(let word)?:
      guard let number = Double(word), !number.isFinite else { throw fault(key) }
      return number
    default: throw fault(key)
    }
  }

  func optionalNumber(_ key: String) throws(FileFault) -> Double? {
    members[key] == .null ? nil : try number(key)
  }

  func array(_ key: String) throws(FileFault) -> [JSONValue] {
    guard case .array(let elements)? = members[key] else { throw fault(key) }
    return elements
  }

  func strings(_ key: String) throws(FileFault) -> [String] {
    var texts: [String] = []
    for element in try array(key) {
      guard case .string(let text) = element else { throw fault(key) }
      texts.append(text)
    }
    return texts
  }

  func objects(_ key: String) throws(FileFault) -> [CheckpointFields] {
    var objects: [CheckpointFields] = []
    for element in try array(key) { objects.append(try CheckpointFields(element)) }
    return objects
  }

  func object(_ key: String) throws(FileFault) -> CheckpointFields {
    guard let value = members[key] else { throw fault(key) }
    return try CheckpointFields(value)
  }

  func optionalObject(_ key: String) throws(FileFault) -> CheckpointFields? {
    members[key] == .null ? nil : try object(key)
  }

  /// A shape, of sizes that make a volume.
  func shape(_ key: String) throws(FileFault) -> [Int] {
    var shape: [Int] = []
    for element in try array(key) {
      guard case .number(let number) = element, let size = Int(exactly: number),
        (1...Limits.size).contains(size)
      else { throw fault(key) }
      shape.append(size)
    }
    return shape
  }
}

extension JSONValue {
  /// A number that reads as the same bits; what is not finite as a word.
  init(_ number: Double) {
    self = number.isFinite ? .number(number) : .string("\(number)")
  }

  init(_ number: Double?) {
    self = number.map { JSONValue($0) } ?? .null
  }

  init(_ integer: Int) { self = .number(Double(integer)) }

  init(_ texts: [String]) { self = .array(texts.map { .string($0) }) }
}
