/// The cyclic redundancy check CRC-64/XZ (ECMA-182's polynomial, reflected, all ones before and
/// after), which finds every run of changed bits up to 64 long.
package struct Checksum: Sendable {
  private var register = UInt64.max

  /// Of no bytes.
  package init() {}

  /// The check of the bytes so far.
  package var value: UInt64 { ~register }

  /// Takes in bytes. O(n).
  mutating func add(_ bytes: [UInt8]) {
    let table = Self.table
    var register = register
    for byte in bytes {
      register = table[Int(UInt8(truncatingIfNeeded: register) ^ byte)] ^ register >> 8
    }
    self.register = register
  }

  /// Takes in a text, set off from what follows by a zero byte.
  package mutating func add(_ text: String) { add(Array(text.utf8) + [0]) }

  /// What a byte does to the register.
  private static let table: [UInt64] = (0..<256).map { byte in
    (0..<8).reduce(UInt64(byte)) { value, _ in
      value & 1 == 1 ? value >> 1 ^ 0xC96C_5795_D787_0F42 : value >> 1
    }
  }
}
