import SpindleJSON

/// The links of a group: a symbol table (III.B, III.C) or link messages (IV.A.2.g).
struct Links {
  /// Where a link leads.
  enum Target {
    /// To an object of this file.
    case object(Int)
    /// Elsewhere, in these words; it is not followed.
    case other(String, offset: Int)
  }

  /// In the file's order.
  private(set) var names: [String] = []
  private(set) var targets: [String: Target] = [:]
  private var nameBytes = 0

  init(of header: ObjectHeader) throws(HDF5Error) {
    if var cursor = try header.first(.symbolTable) {
      try readTable(&cursor)
    }
    if var cursor = try header.first(.linkInformation) {
      try Self.refuseDense(&cursor, countSize: 8, "a group of many links in a fractal heap")
    }
    for var cursor in try header.all(.link) { try readMessage(&cursor) }
  }

  /// Refuses links or attributes in a fractal heap; an information message has its address.
  static func refuseDense(
    _ cursor: inout Cursor, countSize: Int, _ what: String
  ) throws(HDF5Error) {
    _ = try cursor.version(0...0, of: "a message about links or attributes")
    let flags = try cursor.byte()
    if flags & 1 != 0 { try cursor.skip(countSize) }
    guard try cursor.address() == nil else { throw cursor.unsupported(what) }
  }

  private mutating func add(
    _ name: String, _ target: Target, _ cursor: Cursor
  ) throws(HDF5Error) {
    guard !name.isEmpty, !name.utf8.contains(UInt8(ascii: "/")), targets[name] == nil else {
      throw cursor.damaged("a link without a name of its own")
    }
    nameBytes += name.utf8.count
    guard nameBytes <= cursor.image.bytes.count else {
      throw cursor.damaged("names of more bytes than the file has")
    }
    names.append(name)
    targets[name] = target
  }

  private mutating func readTable(_ cursor: inout Cursor) throws(HDF5Error) {
    let image = cursor.image
    let address = try cursor.definedAddress("a group's B-tree")
    let heap = try LocalHeap(
      image, at: try cursor.definedAddress("a group's heap"), object: cursor.object)
    let tree = try Tree(
      image, at: address, .group, keySize: image.lengthSize, object: cursor.object)
    for entry in tree.entries {
      var node = try Cursor(image, at: entry.child, object: cursor.object)
      try node.signature("SNOD")
      _ = try node.version(1...1, of: "a symbol table's node")
      try node.skip(1)
      for _ in 0..<(try node.count(2)) { try readSymbol(&node, heap) }
    }
  }

  private mutating func readSymbol(
    _ node: inout Cursor, _ heap: LocalHeap
  ) throws(HDF5Error) {
    let start = node
    let name = try heap.text(at: try node.count(node.image.offsetSize))
    let address = try node.address()
    let cache = try node.count(4)
    try node.skip(4)
    var scratch = try node.part(16)
    if cache == 2 {
      let path = try heap.text(at: try scratch.count(4))
      try add(name, .other("a soft link to \(quoted(path))", offset: start.position), start)
    } else {
      guard let address else { throw start.damaged("a link to nothing") }
      try add(name, .object(address), start)
    }
  }

  private mutating func readMessage(_ cursor: inout Cursor) throws(HDF5Error) {
    let start = cursor
    _ = try cursor.version(1...1, of: "a link")
    let flags = try cursor.byte()
    let kind = flags & 0x08 != 0 ? try cursor.byte() : 0
    if flags & 0x04 != 0 { try cursor.skip(8) }
    if flags & 0x10 != 0 { try cursor.skip(1) }
    let name = try cursor.text(try cursor.count(1 << (flags & 3)))
    switch kind {
    case 0:
      try add(name, .object(try cursor.definedAddress("a link's object")), start)
    case 1:
      let path = try cursor.text(try cursor.count(2))
      try add(name, .other("a soft link to \(quoted(path))", offset: start.position), start)
    case 64:
      var value = try cursor.part(try cursor.count(2))
      try value.skip(1)
      let file = try value.terminatedText()
      try add(
        name, .other("an external link to the file \(quoted(file))", offset: start.position), start)
    default:
      try add(name, .other("a link of type \(kind)", offset: start.position), start)
    }
  }
}
