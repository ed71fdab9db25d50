/// The bytes of a file, with what its superblock says about all addresses in it.
final class Image: Sendable {
  let bytes: [UInt8]
  /// Where the addresses count from.
  let base: Int
  /// Bytes of an address.
  let offsetSize: Int
  /// Bytes of a length.
  let lengthSize: Int

  init(bytes: [UInt8], base: Int, offsetSize: Int, lengthSize: Int) {
    self.bytes = bytes
    self.base = base
    self.offsetSize = offsetSize
    self.lengthSize = lengthSize
  }
}

/// Reads the bytes of a part of a file in order; what lies outside of the part is an error, which
/// names the object that was read.
struct Cursor {
  let image: Image
  /// The path of the object that is read, for errors.
  let object: String
  private(set) var position: Int
  let end: Int

  /// A cursor over a range, which the caller has checked to lie in the file.
  init(_ image: Image, _ range: Range<Int>, object: String) {
    self.image = image
    self.object = object
    position = range.lowerBound
    end = range.upperBound
  }

  /// A cursor from an address to the end of the file.
  init(_ image: Image, at address: Int, object: String) throws(HDF5Error) {
    guard address >= 0, address < image.bytes.count else {
      throw .damaged(
        object: object, offset: address,
        reason: "an address outside of the file, which has \(image.bytes.count) bytes")
    }
    self.init(image, address..<image.bytes.count, object: object)
  }

  var remaining: Int { end - position }

  func damaged(_ reason: String) -> HDF5Error {
    .damaged(object: object, offset: position, reason: reason)
  }

  func unsupported(_ what: String, isRepackable: Bool = true) -> HDF5Error {
    .unsupported(object: object, offset: position, what: what, isRepackable: isRepackable)
  }

  /// The next `count` bytes' place.
  mutating func take(_ count: Int) throws(HDF5Error) -> Range<Int> {
    guard count >= 0, count <= remaining else {
      throw damaged("expected \(count) bytes more, found \(remaining)")
    }
    position += count
    return position - count..<position
  }

  mutating func skip(_ count: Int) throws(HDF5Error) { _ = try take(count) }

  /// A cursor over the next `count` bytes.
  mutating func part(_ count: Int) throws(HDF5Error) -> Cursor {
    Cursor(image, try take(count), object: object)
  }

  mutating func byte() throws(HDF5Error) -> Int { Int(image.bytes[try take(1).lowerBound]) }

  /// A little-endian number without sign, of up to eight bytes.
  mutating func unsigned(_ size: Int) throws(HDF5Error) -> UInt64 {
    try take(size).reversed().reduce(0) { $0 << 8 | UInt64(image.bytes[$1]) }
  }

  /// A number without sign that counts something in memory.
  mutating func count(_ size: Int) throws(HDF5Error) -> Int {
    let start = position
    let value = try unsigned(size)
    guard let count = Int(exactly: value) else {
      throw .damaged(object: object, offset: start, reason: "\(value) is no size of anything")
    }
    return count
  }

  /// A length, as the superblock sizes it.
  mutating func length() throws(HDF5Error) -> Int { try count(image.lengthSize) }

  /// An address from the file's beginning; nil for the undefined one. It may lie outside of the file.
  mutating func address() throws(HDF5Error) -> Int? {
    let start = position
    let size = image.offsetSize
    let value = try unsigned(size)
    if value == UInt64.max >> (64 - 8 * UInt64(size)) { return nil }
    guard let address = Int(exactly: value), address <= image.bytes.count else {
      throw .damaged(
        object: object, offset: start,
        reason: "address \(value), while the file has \(image.bytes.count) bytes")
    }
    return address + image.base
  }

  /// An address that must be defined.
  mutating func definedAddress(_ what: String) throws(HDF5Error) -> Int {
    guard let address = try address() else { throw damaged("\(what) has no address") }
    return address
  }

  /// Four letters that begin a structure.
  mutating func signature(_ letters: StaticString) throws(HDF5Error) {
    let start = position
    let expected = "\(letters)"
    guard image.bytes[try take(4)].elementsEqual(expected.utf8) else {
      throw .damaged(object: object, offset: start, reason: "expected \(expected), found none")
    }
  }

  /// A byte that must be one of some versions.
  mutating func version(_ known: ClosedRange<Int>, of what: String) throws(HDF5Error) -> Int {
    let start = position
    let version = try byte()
    guard known.contains(version) else {
      throw .unsupported(
        object: object, offset: start, what: "version \(version) of \(what)", isRepackable: true)
    }
    return version
  }

  /// A text of `count` bytes, up to its first NUL.
  mutating func text(_ count: Int) throws(HDF5Error) -> String {
    let start = position
    let bytes = image.bytes[try take(count)].prefix { $0 != 0 }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .damaged(object: object, offset: start, reason: "expected a text in UTF-8")
    }
    return text
  }

  /// A text up to and with its NUL.
  mutating func terminatedText() throws(HDF5Error) -> String {
    guard let terminator = image.bytes[position..<end].firstIndex(of: 0) else {
      throw damaged("a text without its end")
    }
    return try text(terminator + 1 - position)
  }
}
