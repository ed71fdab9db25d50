/// The numbers that a key takes.
public struct NumberBounds: Sendable, Equatable, CustomStringConvertible {
  /// The least number, itself allowed unless `excludesLower`.
  public let lower: Double?
  /// Whether numbers must be above `lower`.
  public let excludesLower: Bool
  /// The largest number, itself allowed unless `excludesUpper`.
  public let upper: Double?
  /// Whether numbers must be below `upper`.
  public let excludesUpper: Bool

  /// Any number.
  public static let any = NumberBounds()
  /// Above zero.
  public static let positive = NumberBounds(above: 0)
  /// Zero or more.
  public static let notNegative = NumberBounds(from: 0)
  /// From 0 to 1.
  public static let fraction = NumberBounds(from: 0, to: 1)

  /// Numbers from or above a bound, and to or below another.
  public init(
    from: Double? = nil, above: Double? = nil, to: Double? = nil, below: Double? = nil
  ) {
    lower = from ?? above
    excludesLower = above != nil
    upper = to ?? below
    excludesUpper = below != nil
  }

  /// Whether the number, and the float32 nearest to it, is within the bounds.
  public func contains(_ number: Double) -> Bool {
    let rounded = Float(number)
    guard rounded.isFinite else { return false }
    if let lower {
      let isBelow = number < lower || rounded < Float(lower)
      if isBelow || excludesLower && (number == lower || rounded == Float(lower)) { return false }
    }
    if let upper {
      let isAbove = number > upper || rounded > Float(upper)
      if isAbove || excludesUpper && (number == upper || rounded == Float(upper)) { return false }
    }
    return true
  }

  /// As in "a number above zero" or "a number from 0 to below 1".
  public var description: String {
    var text = "a number"
    if let lower {
      text += excludesLower ? (lower == 0 ? " above zero" : " above \(lower)") : " from \(lower)"
    }
    if let upper {
      text +=
        excludesUpper ? (lower == nil ? " below \(upper)" : " to below \(upper)") : " to \(upper)"
    }
    return text
  }
}
