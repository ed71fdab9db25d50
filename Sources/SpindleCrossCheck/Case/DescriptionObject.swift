import Safetensors

/// An object of the JSON text, and its place there for errors.
struct DescriptionObject {
  /// As in "layers[1].surrogate".
  let place: String
  private let members: [String: JSONValue]

  init(_ value: JSONValue, place: String) throws(CaseError) {
    guard case .object(let members) = value else {
      throw .invalidValue(place: place, expected: "an object", found: value.kind)
    }
    self.place = place
    self.members = members
  }

  /// Requires that there are no keys but these.
  func allow(_ keys: [String]) throws(CaseError) {
    // In order, so that of several unknown keys the same one is named every time.
    if let key = members.keys.sorted().first(where: { !keys.contains($0) }) {
      throw .unknownKey(place: place, key: key, allowed: keys)
    }
  }

  /// The value of a key that must be there.
  func value(_ key: String) throws(CaseError) -> JSONValue {
    guard let value = members[key] else { throw .missingKey(place: place, key: key) }
    return value
  }

  func has(_ key: String) -> Bool { members[key] != nil }

  func object(_ key: String) throws(CaseError) -> DescriptionObject {
    try DescriptionObject(try value(key), place: name(key))
  }

  func array(_ key: String) throws(CaseError) -> [JSONValue] {
    let value = try value(key)
    guard case .array(let elements) = value else {
      throw .invalidValue(place: name(key), expected: "a list", found: value.kind)
    }
    return elements
  }

  /// A text that is one of the allowed.
  func text(_ key: String, allowed: [String]) throws(CaseError) -> String {
    let value = try value(key)
    let list = allowed.map { "\"\($0)\"" }.joined(separator: ", ")
    let expected = allowed.count == 1 ? list : "one of \(list)"
    guard case .string(let text) = value else {
      throw .invalidValue(place: name(key), expected: expected, found: value.kind)
    }
    guard allowed.contains(text) else {
      throw .invalidValue(place: name(key), expected: expected, found: quoted(text))
    }
    return text
  }

  /// A text that names a case of an enumeration.
  func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ key: String, _: Choice.Type
  ) throws(CaseError) -> Choice {
    let text = try text(key, allowed: Choice.allCases.map(\.rawValue))
    guard let choice = Choice(rawValue: text) else {
      throw .invalidValue(place: name(key), expected: "another text", found: quoted(text))
    }
    return choice
  }

  /// true or false; false where the key is missing.
  func flag(_ key: String) throws(CaseError) -> Bool {
    guard let value = members[key] else { return false }
    guard case .bool(let flag) = value else {
      throw .invalidValue(place: name(key), expected: "true or false", found: value.kind)
    }
    return flag
  }

  /// A number of inputs, outputs or neurons.
  func size(_ key: String) throws(CaseError) -> Int {
    let value = try value(key)
    let expected = "an integer from 1 to \(CaseModel.largestSize)"
    guard case .number(let number) = value, number >= 1,
      number <= Double(CaseModel.largestSize), number == number.rounded()
    else { throw .invalidValue(place: name(key), expected: expected, found: value.kind) }
    return Int(number)
  }

  /// A number that float32 can hold, above zero if `positive`.
  func number(_ key: String, positive: Bool) throws(CaseError) -> Double {
    try number(try value(key), place: name(key), positive: positive)
  }

  /// A number, or a list of `count` numbers.
  func numbers(_ key: String, count: Int, positive: Bool) throws(CaseError) -> CaseNumbers {
    guard case .array(let elements) = try value(key) else {
      return .one(try number(key, positive: positive))
    }
    guard elements.count == count else {
      throw .invalidValue(
        place: name(key), expected: "a number or a list of \(count)",
        found: "a list of \(elements.count)")
    }
    var numbers: [Double] = []
    for (index, element) in elements.enumerated() {
      numbers.append(
        try number(element, place: "\(name(key))[\(index)]", positive: positive))
    }
    return .each(numbers)
  }

  private func number(
    _ value: JSONValue, place: String, positive: Bool
  ) throws(CaseError) -> Double {
    let expected = positive ? "a number above zero" : "a number"
    // The engines take it as float32, which is why a number must not vanish there either.
    guard case .number(let number) = value, Float(number).isFinite,
      !positive || Float(number) > 0
    else {
      throw .invalidValue(
        place: place, expected: expected + " within the range of float32", found: value.kind)
    }
    return number
  }

  private func name(_ key: String) -> String {
    place == CaseModel.place ? key : "\(place).\(key)"
  }
}

extension JSONValue {
  /// The value for a message: numbers and words in full, of the rest the kind.
  fileprivate var kind: String {
    switch self {
    case .null: "null"
    case .bool(let flag): "\(flag)"
    case .number(let number): "\(number)"
    case .string(let text): quoted(text)
    case .array: "a list"
    case .object: "an object"
    }
  }
}
