/// How a value of a description is read, and the same as JSON Schema (draft 2020-12): one table for
/// both, so that they cannot part.
public struct Format<Value: Sendable>: Sendable {
  /// What the schema says of the value.
  public let schema: [String: JSONValue]
  private let body: @Sendable (DescriptionValue) throws(DescriptionError) -> Value

  /// A format of any kind.
  public init(
    schema: [String: JSONValue],
    read: @escaping @Sendable (DescriptionValue) throws(DescriptionError) -> Value
  ) {
    self.schema = schema
    body = read
  }

  /// Reads a value.
  public func read(_ value: DescriptionValue) throws(DescriptionError) -> Value {
    try body(value)
  }

  /// The same text, made into something else.
  public func map<Other>(
    _ transform: @escaping @Sendable (Value) -> Other
  ) -> Format<Other> {
    Format<Other>(schema: schema) { value throws(DescriptionError) in
      transform(try read(value))
    }
  }
}

extension Format where Value == Bool {
  /// true or false.
  public static var flag: Format {
    Format(schema: ["type": "boolean"]) { value throws(DescriptionError) in try value.flag() }
  }
}

extension Format where Value == Int {
  /// An integer within a range.
  public static func integer(_ range: ClosedRange<Int>) -> Format {
    Format(schema: [
      "type": "integer", "minimum": .number(Double(range.lowerBound)),
      "maximum": .number(Double(range.upperBound)),
    ]) { value throws(DescriptionError) in try value.integer(range) }
  }

  /// A number of things: at least one.
  public static var count: Format { .integer(1...largestCount) }

  /// A number of things, or none.
  public static var countOrNone: Format { .integer(0...largestCount) }

  /// The largest number of things.
  public static var largestCount: Int { 1 << 30 }
}

extension Format where Value == UInt64 {
  /// A seed: an integer from 0 to the last that no other one is rounded to as a number of JSON.
  public static var seed: Format {
    Format<Int>.integer(0...(1 << 53) - 1).map { UInt64($0) }
  }
}

extension Format where Value == Double {
  /// A number within bounds.
  public static func number(_ bounds: NumberBounds) -> Format {
    Format(schema: bounds.schema) { value throws(DescriptionError) in try value.number(bounds) }
  }
}

extension Format where Value == Float {
  /// A number within bounds, as float32.
  public static func float(_ bounds: NumberBounds) -> Format {
    Format<Double>.number(bounds).map { Float($0) }
  }
}

extension Format where Value == String {
  /// Any text that is not empty.
  public static var text: Format {
    Format(schema: ["type": "string", "minLength": 1]) { value throws(DescriptionError) in
      try value.text()
    }
  }
}

extension Format where Value: RawRepresentable<String> & CaseIterable {
  /// The name of a case of an enumeration.
  public static var choice: Format {
    Format(schema: ["enum": Value.allCases.map(\.rawValue).json]) {
      value throws(DescriptionError) in try value.choice(Value.self)
    }
  }
}

extension Format {
  /// A list of values of one format, of at least `minimum` elements.
  public static func list<Element>(
    of element: Format<Element>, atLeast minimum: Int = 0
  ) -> Format where Value == [Element] {
    Format(schema: [
      "type": "array", "items": .object(element.schema), "minItems": .number(Double(minimum)),
    ]) { value throws(DescriptionError) in
      let values = try value.list()
      guard values.count >= minimum else {
        throw value.refused(
          expected: "a list of at least \(minimum)", found: "a list of \(values.count)")
      }
      var elements: [Element] = []
      for value in values { elements.append(try element.read(value)) }
      return elements
    }
  }

  /// A value of this format, or one of another.
  public static func either<Other>(
    _ first: Format<Other>, where isFirst: @escaping @Sendable (JSONValue) -> Bool,
    as transform: @escaping @Sendable (Other) -> Value, or second: Format
  ) -> Format {
    Format(schema: ["anyOf": .array([.object(first.schema), .object(second.schema)])]) {
      value throws(DescriptionError) in
      isFirst(value.value) ? transform(try first.read(value)) : try second.read(value)
    }
  }
}

extension NumberBounds {
  /// The bounds in the words of JSON Schema.
  var schema: [String: JSONValue] {
    var schema: [String: JSONValue] = ["type": "number"]
    if let lower { schema[excludesLower ? "exclusiveMinimum" : "minimum"] = .number(lower) }
    if let upper { schema[excludesUpper ? "exclusiveMaximum" : "maximum"] = .number(upper) }
    return schema
  }
}
