import SpindleJSON

// Numbers in a checkpoint come back with the same bits. What JSON's numbers cannot hold stands as a
// text: 64 bits, infinity and NaN. What there may be none of is null.

extension Format where Value == Int {
  /// A whole number, not negative, that Double holds exactly.
  static var exactCount: Format { .integer(0...1 << 53) }
}

extension Format where Value == Double {
  /// Any number.
  static var exact: Format {
    Format(schema: [:]) { value throws(DescriptionError) in
      switch value.value {
      case .number(let number): return number
      case .string(let text):
        guard let number = Double(text), !number.isFinite else {
          throw value.refused(expected: "inf, -inf or nan")
        }
        return number
      default: throw value.refused(expected: "a number")
      }
    }
  }
}

extension Format where Value == UInt64 {
  /// All 64 bits.
  static var bits: Format {
    Format(schema: [:]) { value throws(DescriptionError) in
      guard let bits = UInt64(try value.text()) else {
        throw value.refused(expected: "an integer of 64 bits in a text")
      }
      return bits
    }
  }
}

/// Rows of a checkpoint's objects, every one of which has all its keys.
extension KeyRow {
  /// A whole number.
  static func count(_ name: String, at path: any WritableKeyPath<Whole, Int> & Sendable) -> KeyRow {
    KeyRow(name, .exactCount, "", at: path, absence: .refused)
  }

  /// Any number.
  static func exact(
    _ name: String, at path: any WritableKeyPath<Whole, Double> & Sendable
  ) -> KeyRow {
    exact(name, .exact, at: path) { $0.exactJSON }
  }

  /// A value that is written so.
  static func exact<Value>(
    _ name: String, _ format: Format<Value>,
    at path: any WritableKeyPath<Whole, Value> & Sendable,
    write: @escaping @Sendable (Value) -> JSONValue
  ) -> KeyRow {
    KeyRow(
      name, format, "", absence: .refused, write: { write($0[keyPath: path]) },
      set: { whole, value, _ in whole[keyPath: path] = value })
  }

  /// An object of these keys.
  static func object<Value>(
    _ name: String, _ table: KeyTable<Value>, at path: any WritableKeyPath<Whole, Value> & Sendable
  ) -> KeyRow {
    exact(name, table.exact, at: path) { .object(table.members(of: $0)) }
  }

  /// A list of objects of these keys.
  static func list<Value>(
    _ name: String, _ table: KeyTable<Value>,
    at path: any WritableKeyPath<Whole, [Value]> & Sendable
  ) -> KeyRow {
    exact(name, .list(of: table.exact), at: path) {
      .array($0.map { .object(table.members(of: $0)) })
    }
  }

  /// A value that there may be none of.
  static func orNull<Value>(
    _ name: String, _ format: Format<Value>,
    at path: any WritableKeyPath<Whole, Value?> & Sendable,
    write: @escaping @Sendable (Value) -> JSONValue
  ) -> KeyRow {
    let orNull = Format<Value?>(schema: [:]) { value throws(DescriptionError) in
      value.value == .null ? nil : try format.read(value)
    }
    return exact(name, orNull, at: path) { $0.map(write) ?? .null }
  }

  /// An object of these keys that there may be none of.
  static func orNull<Value>(
    _ name: String, _ table: KeyTable<Value>,
    at path: any WritableKeyPath<Whole, Value?> & Sendable
  ) -> KeyRow {
    orNull(name, table.exact, at: path) { .object(table.members(of: $0)) }
  }
}

extension KeyTable {
  /// The object, which may have keys of a later version besides.
  var exact: Format<Whole> {
    Format(schema: [:]) { value throws(DescriptionError) in try read(try value.object()) }
  }
}

extension Double {
  /// As `Format.exact` reads it.
  var exactJSON: JSONValue { isFinite ? .number(self) : .string("\(self)") }
}
