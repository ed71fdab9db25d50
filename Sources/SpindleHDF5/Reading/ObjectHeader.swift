/// The messages that make an object, and the blocks over which they are spread (IV.A).
struct ObjectHeader {
  /// Types of messages that are looked at.
  enum Kind: Int {
    case dataspace = 0x01
    case linkInformation = 0x02
    case datatype = 0x03
    case fillValue = 0x05
    case link = 0x06
    case externalFiles = 0x07
    case layout = 0x08
    case filters = 0x0B
    case attribute = 0x0C
    case continuation = 0x10
    case symbolTable = 0x11
    case attributeInformation = 0x15
  }

  struct Message {
    let kind: Kind
    let isShared: Bool
    let range: Range<Int>
  }

  let image: Image
  let address: Int
  let object: String
  private(set) var messages: [Message] = []

  private static let largestBlockCount = 1024
  private static let largestMessageCount = 1 << 16

  init(_ image: Image, at address: Int, object: String) throws(HDF5Error) {
    self.image = image
    self.address = address
    self.object = object
    var cursor = try Cursor(image, at: address, object: object)
    let isSecond = image.bytes[address] == UInt8(ascii: "O")
    if isSecond { try readSecond(&cursor) } else { try readFirst(&cursor) }
  }

  /// Version 1.
  private mutating func readFirst(_ cursor: inout Cursor) throws(HDF5Error) {
    _ = try cursor.version(1...1, of: "an object header")
    try cursor.skip(1 + 2 + 4)
    let size = try cursor.count(4)
    try cursor.skip(4)
    try readBlocks(first: try cursor.part(size)) { header, block, blocks throws(HDF5Error) in
      while block.remaining >= 8 {
        let type = try block.count(2)
        let size = try block.count(2)
        let flags = try block.byte()
        try block.skip(3)
        try header.add(type, flags, try block.part(size), &blocks)
      }
    }
  }

  /// Version 2.
  private mutating func readSecond(_ cursor: inout Cursor) throws(HDF5Error) {
    try cursor.signature("OHDR")
    _ = try cursor.version(2...2, of: "an object header")
    let flags = try cursor.byte()
    if flags & 0x20 != 0 { try cursor.skip(16) }
    if flags & 0x10 != 0 { try cursor.skip(4) }
    let size = try cursor.count(1 << (flags & 3))
    var isFirst = true
    try readBlocks(first: try cursor.part(size)) { header, block, blocks throws(HDF5Error) in
      if !isFirst {
        try block.signature("OCHK")
        // The checksum at the end.
        guard block.remaining >= 4 else { throw block.damaged("a block without its checksum") }
        block = try block.part(block.remaining - 4)
      }
      isFirst = false
      let prefix = flags & 0x04 != 0 ? 6 : 4
      while block.remaining >= prefix {
        let type = try block.byte()
        let size = try block.count(2)
        let messageFlags = try block.byte()
        try block.skip(prefix - 4)
        try header.add(type, messageFlags, try block.part(size), &blocks)
      }
    }
  }

  /// Reads the first block and those that it, and they, name.
  private mutating func readBlocks(
    first: Cursor,
    _ read: (inout ObjectHeader, inout Cursor, inout [Cursor]) throws(HDF5Error) -> Void
  ) throws(HDF5Error) {
    var blocks = [first]
    var next = 0
    var byteCount = 0
    while next < blocks.count {
      var block = blocks[next]
      // Blocks that lie over one another would be read over and over.
      byteCount += block.remaining
      guard next < Self.largestBlockCount, byteCount <= image.bytes.count else {
        throw block.damaged("an object header of \(next) blocks and more")
      }
      try read(&self, &block, &blocks)
      next += 1
    }
  }

  private mutating func add(
    _ type: Int, _ flags: Int, _ body: Cursor, _ blocks: inout [Cursor]
  ) throws(HDF5Error) {
    // A reader that does not know a message marked so must not open the object.
    guard let kind = Kind(rawValue: type) else {
      if type > 0x17, flags & 0x80 != 0 { throw body.unsupported("a message of type \(type)") }
      return
    }
    var body = body
    guard kind == .continuation else {
      guard messages.count < Self.largestMessageCount else {
        throw body.damaged("an object header of more than \(messages.count) messages")
      }
      let range = body.position..<body.end
      messages.append(Message(kind: kind, isShared: flags & 0x02 != 0, range: range))
      return
    }
    let address = try body.definedAddress("the rest of an object header")
    let size = try body.length()
    var rest = try Cursor(image, at: address, object: object)
    blocks.append(try rest.part(size))
  }

  /// The first message of a kind.
  func first(_ kind: Kind) throws(HDF5Error) -> Cursor? {
    guard let message = messages.first(where: { $0.kind == kind }) else { return nil }
    return try cursor(message)
  }

  /// All messages of a kind.
  func all(_ kind: Kind) throws(HDF5Error) -> [Cursor] {
    var cursors: [Cursor] = []
    for message in messages where message.kind == kind { cursors.append(try cursor(message)) }
    return cursors
  }

  private func cursor(_ message: Message) throws(HDF5Error) -> Cursor {
    let cursor = Cursor(image, message.range, object: object)
    guard !message.isShared else {
      throw cursor.unsupported("a type or another message shared between objects")
    }
    return cursor
  }

  func has(_ kind: Kind) -> Bool { messages.contains { $0.kind == kind } }

  var isDataset: Bool { has(.layout) }
  var isGroup: Bool { has(.symbolTable) || has(.linkInformation) || has(.link) }
}
