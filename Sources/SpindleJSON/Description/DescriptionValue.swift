/// A value of a JSON description, and its place there for errors.
public struct DescriptionValue: Sendable {
  /// The value.
  public let value: JSONValue
  /// As in "layers[1].surrogate"; what the whole describes at the root.
  public var place: String { path.isEmpty ? root : path }
  private let root: String
  private let path: String

  /// The outermost value; errors call it `root`.
  public init(_ value: JSONValue, root: String) {
    self.init(value: value, root: root, path: "")
  }

  /// Reads a text. Errors of its syntax name its file, where that is given, or else the root.
  ///
  /// - Throws: `notJSON`.
  public init(
    parsing text: String, root: String, file: String? = nil
  ) throws(DescriptionError) {
    do throws(JSONError) {
      self.init(try JSONValue(parsing: text, source: file ?? root), root: root)
    } catch {
      throw .notJSON(error)
    }
  }

  private init(value: JSONValue, root: String, path: String) {
    self.value = value
    self.root = root
    self.path = path
  }

  /// The place of what stands at a path within this value.
  func place(of inner: String) -> String { path.isEmpty ? inner : "\(path).\(inner)" }

  /// A member of the object that this value is.
  func member(_ key: String, _ value: JSONValue) -> DescriptionValue {
    DescriptionValue(value: value, root: root, path: place(of: key))
  }

  /// The error that this value is not what was expected. `found` is the value unless given.
  public func refused(expected: String, found: String? = nil) -> DescriptionError {
    .invalidValue(place: place, expected: expected, found: found ?? value.kind)
  }
}

extension DescriptionValue {
  /// An object with no keys but those allowed.
  public func object(allowing keys: [String]) throws(DescriptionError) -> DescriptionObject {
    let object = try object()
    try object.allow(keys)
    return object
  }

  /// An object of any keys.
  public func object() throws(DescriptionError) -> DescriptionObject {
    guard case .object(let members) = value else { throw refused(expected: "an object") }
    return DescriptionObject(members, of: self)
  }

  /// A list.
  public func list() throws(DescriptionError) -> [DescriptionValue] {
    guard case .array(let elements) = value else { throw refused(expected: "a list") }
    return elements.enumerated().map {
      DescriptionValue(value: $1, root: root, path: "\(path)[\($0)]")
    }
  }

  /// Any text that is not empty.
  public func text() throws(DescriptionError) -> String {
    guard case .string(let text) = value, !text.isEmpty else { throw refused(expected: "a text") }
    return text
  }

  /// A text that is one of the allowed.
  public func text(allowed: [String]) throws(DescriptionError) -> String {
    guard case .string(let text) = value, allowed.contains(text) else {
      let list = allowed.map { "\"\($0)\"" }.joined(separator: ", ")
      throw refused(expected: allowed.count == 1 ? list : "one of \(list)")
    }
    return text
  }

  /// A text that names a case of an enumeration.
  public func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _: Choice.Type
  ) throws(DescriptionError) -> Choice {
    let text = try text(allowed: Choice.allCases.map(\.rawValue))
    guard let choice = Choice(rawValue: text) else { throw refused(expected: "another text") }
    return choice
  }

  /// true or false.
  public func flag() throws(DescriptionError) -> Bool {
    guard case .bool(let flag) = value else { throw refused(expected: "true or false") }
    return flag
  }

  /// An integer within a range, which must be one that Double holds exactly.
  public func integer(_ range: ClosedRange<Int>) throws(DescriptionError) -> Int {
    guard case .number(let number) = value, number >= Double(range.lowerBound),
      number <= Double(range.upperBound), number == number.rounded()
    else {
      throw refused(expected: "an integer from \(range.lowerBound) to \(range.upperBound)")
    }
    return Int(number)
  }

  /// A number that float32 can hold: the engines take it as such, which is why one that must be
  /// above zero must not vanish there either.
  public func number(_ bounds: NumberBounds) throws(DescriptionError) -> Double {
    guard case .number(let number) = value, bounds.contains(number) else {
      throw refused(expected: bounds.description + " within the range of float32")
    }
    return number
  }
}

extension JSONValue {
  /// The value for a message: numbers and words in full, of the rest the kind.
  var kind: String {
    switch self {
    case .null: "null"
    case .bool(let flag): "\(flag)"
    case .number(let number): number.isFinite ? text : "\(number)"
    case .string(let text): quoted(text)
    case .array: "a list"
    case .object: "an object"
    }
  }
}
