/// A value with one form in JSON.
public protocol JSONWritable: Sendable {
  /// The value as it is written.
  var json: JSONValue { get }
}

extension Bool: JSONWritable {
  /// true or false.
  public var json: JSONValue { .bool(self) }
}

extension Int: JSONWritable {
  /// A number, exact up to 2^53.
  public var json: JSONValue { .number(Double(self)) }
}

extension Double: JSONWritable {
  /// A number; the shortest that reads as the same.
  public var json: JSONValue { .number(self) }
}

extension Float: JSONWritable {
  /// A number; the shortest that reads as the same Float.
  public var json: JSONValue { .number(Double("\(self)") ?? Double(self)) }
}

extension UInt64: JSONWritable {
  /// A number, exact up to 2^53.
  public var json: JSONValue { .number(Double(self)) }
}

extension Array: JSONWritable where Element: JSONWritable {
  /// A list.
  public var json: JSONValue { .array(map(\.json)) }
}

extension JSONWritable where Self: RawRepresentable<String> {
  /// The name of the case.
  public var json: JSONValue { .string(rawValue) }
}

extension String: JSONWritable {
  /// A string.
  public var json: JSONValue { .string(self) }
}
