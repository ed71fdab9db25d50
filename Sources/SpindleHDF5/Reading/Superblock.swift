/// What stands at an HDF5 file's beginning ("HDF5 File Format Specification", II.A).
struct Superblock {
  let image: Image
  /// The address of the root group's object header.
  let root: Int

  private static let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]

  /// Finds and reads the superblock; another program's block may stand before it.
  init(of bytes: [UInt8]) throws(HDF5Error) {
    var start = 0
    while start <= bytes.count - 8 {
      if bytes[start..<start + 8].elementsEqual(Self.signature) {
        self = try Superblock(bytes, at: start)
        return
      }
      start = start == 0 ? 512 : 2 * start
    }
    throw .notHDF5
  }

  private init(_ bytes: [UInt8], at start: Int) throws(HDF5Error) {
    let raw = Image(bytes: bytes, base: 0, offsetSize: 8, lengthSize: 8)
    var cursor = Cursor(raw, start + 8..<bytes.count, object: "/")
    let version = try cursor.version(0...3, of: "the superblock")
    if version < 2 { try cursor.skip(4) }
    let offsetSize = try cursor.byte()
    let lengthSize = try cursor.byte()
    guard [2, 4, 8].contains(offsetSize), [2, 4, 8].contains(lengthSize) else {
      throw cursor.unsupported("addresses of \(offsetSize) and lengths of \(lengthSize) bytes")
    }
    try cursor.skip(version < 2 ? 1 + 2 + 2 + 4 + (version == 1 ? 4 : 0) : 1)
    let base = try cursor.count(offsetSize)
    _ = try cursor.unsigned(offsetSize)
    guard base <= bytes.count else { throw cursor.damaged("a base address of \(base)") }
    let end = try cursor.count(offsetSize)
    // It counts from the file's beginning, with what stands before the superblock.
    guard end <= bytes.count else { throw .truncated(expected: end, found: bytes.count) }
    image = Image(bytes: bytes, base: base, offsetSize: offsetSize, lengthSize: lengthSize)
    var rest = Cursor(image, cursor.position..<bytes.count, object: "/")
    // The driver's block, and of the root's entry the offset of its name.
    if version < 2 { try rest.skip(2 * offsetSize) }
    root = try rest.definedAddress("the root group")
  }
}
