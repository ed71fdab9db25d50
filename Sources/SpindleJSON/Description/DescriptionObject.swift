/// An object of a JSON description, and its place there for errors.
public struct DescriptionObject: Sendable {
  private let members: [String: JSONValue]
  private let parent: DescriptionValue

  init(_ members: [String: JSONValue], of parent: DescriptionValue) {
    self.members = members
    self.parent = parent
  }

  /// As in "layers[1].surrogate".
  public var place: String { parent.place }

  /// The object itself.
  public var json: JSONValue { .object(members) }

  /// The error that this object is not what was expected.
  public func refused(expected: String, found: String) -> DescriptionError {
    parent.refused(expected: expected, found: found)
  }

  /// Requires that there are no keys but these.
  public func allow(_ keys: [String]) throws(DescriptionError) {
    // In order, so that of several unknown keys the same one is named every time.
    if let key = members.keys.sorted().first(where: { !keys.contains($0) }) {
      throw .unknownKey(place: place, key: key, allowed: keys)
    }
  }

  /// The value of a key that must be there.
  public func value(_ key: String) throws(DescriptionError) -> DescriptionValue {
    guard let value = optional(key) else { throw .missingKey(place: place, key: key) }
    return value
  }

  /// The value of a key, or another in its place.
  func value(_ key: String, or other: JSONValue) -> DescriptionValue {
    optional(key) ?? parent.member(key, other)
  }

  /// The value of a key that may be missing.
  public func optional(_ key: String) -> DescriptionValue? {
    members[key].map { parent.member(key, $0) }
  }

  /// true or false; false where the key is missing.
  public func flag(_ key: String) throws(DescriptionError) -> Bool {
    guard let value = optional(key) else { return false }
    return try value.flag()
  }
}
