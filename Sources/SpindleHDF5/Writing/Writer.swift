import SpindleTensors

/// Puts a file together: what is referred to comes before what refers to it, but for the superblock.
struct Writer {
  private var bytes: [UInt8] = []
  /// Half the children of a node of a group's B-tree, at most; for the whole file.
  private var treeRank = 16

  /// References to the texts of all datasets, in the order in which these are written.
  private var references: [[UInt8]] = []
  /// How many of them were written.
  private var referenceCount = 0

  /// Half the names of a node of a symbol table, at most.
  private static let leafRank = 4
  private static let superblockSize = 96
  private static let undefined = UInt64.max

  mutating func file(_ members: [String: HDF5Node]) throws(HDF5Error) -> [UInt8] {
    treeRank = max(16, Self.largestTreeRank(.group(members)))
    bytes = [UInt8](repeating: 0, count: Self.superblockSize)
    placeTexts(Self.texts(of: .group(members)))
    let root = try group(members, path: "")
    let superblock = superblock(root)
    bytes.replaceSubrange(0..<superblock.count, with: superblock)
    return bytes
  }

  /// The rank at which all nodes of the largest group's symbol table are children of one.
  private static func largestTreeRank(_ node: HDF5Node) -> Int {
    guard case .group(let members) = node else { return 0 }
    let own = (members.count + 4 * leafRank - 1) / (4 * leafRank)
    return members.values.reduce(own) { max($0, largestTreeRank($1)) }
  }

  private func superblock(_ root: Group) -> [UInt8] {
    var block = ByteBuilder()
    block.bytes = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 0, 0, 8, 8, 0]
    block.add(UInt16(Self.leafRank))
    block.add(UInt16(treeRank))
    block.add(0 as UInt32)
    for address in [0, Self.undefined, UInt64(bytes.count), Self.undefined] { block.add(address) }
    block.add(0 as UInt64)
    block.add(UInt64(root.header))
    block.add(1 as UInt64)
    block.add(UInt64(root.tree))
    block.add(UInt64(root.heap))
    return block.bytes
  }

  /// Where a group's parts stand.
  private struct Group {
    let header: Int
    let tree: Int
    let heap: Int
  }

  /// Adds bytes at an address that eight divides.
  private mutating func place(_ block: [UInt8]) -> Int {
    bytes += [UInt8](repeating: 0, count: (8 - bytes.count % 8) % 8)
    bytes += block
    return bytes.count - block.count
  }

  private mutating func group(
    _ members: [String: HDF5Node], path: String
  ) throws(HDF5Error) -> Group {
    let names = Self.names(of: members)
    guard names.count <= 4 * Self.leafRank * Int(UInt16.max) else {
      throw .notWritable(object: path, reason: "a group of \(names.count) members")
    }
    var symbols: [(name: Int, header: Int)] = []
    var heap = [UInt8](repeating: 0, count: 8)
    for name in names {
      let object = "\(path)/\(name)"
      guard !name.isEmpty, !name.utf8.contains(0), !name.utf8.contains(UInt8(ascii: "/")) else {
        throw .notWritable(object: object, reason: "its name is empty or holds \"/\" or NUL")
      }
      let header: Int
      switch members[name] {
      case .group(let inner): header = try group(inner, path: object).header
      case .dataset(let shape, let elements):
        header = try dataset(shape, elements, path: object)
      case nil: continue
      }
      symbols.append((heap.count, header))
      heap += name.utf8
      heap += [UInt8](repeating: 0, count: 8 - heap.count % 8)
    }
    let heapAddress = localHeap(heap)
    let tree = tree(symbols)
    var message = ByteBuilder()
    message.add(UInt64(tree))
    message.add(UInt64(heapAddress))
    let header = objectHeader([(0x11, message.bytes)])
    return Group(header: header, tree: tree, heap: heapAddress)
  }

  /// The names of a group in the order that the format wants: that of their bytes.
  private static func names(of members: [String: HDF5Node]) -> [String] {
    members.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  private mutating func localHeap(_ names: [UInt8]) -> Int {
    let data = place(names)
    var heap = ByteBuilder()
    heap.bytes = Array("HEAP".utf8) + [0, 0, 0, 0]
    heap.add(UInt64(names.count))
    // No free space.
    heap.add(1 as UInt64)
    heap.add(UInt64(data))
    return place(heap.bytes)
  }

  /// The symbol table's nodes and the B-tree above them; addresses of names are those in the heap.
  private mutating func tree(_ symbols: [(name: Int, header: Int)]) -> Int {
    var tree = ByteBuilder()
    let width = 2 * Self.leafRank
    let starts = Array(stride(from: 0, to: symbols.count, by: width))
    tree.bytes = Array("TREE".utf8) + [0, 0]
    tree.add(UInt16(starts.count))
    tree.add(Self.undefined)
    tree.add(Self.undefined)
    tree.add(0 as UInt64)
    for start in starts {
      let part = symbols[start..<min(start + width, symbols.count)]
      var node = ByteBuilder()
      node.bytes = Array("SNOD".utf8) + [1, 0]
      node.add(UInt16(part.count))
      for symbol in part {
        node.add(UInt64(symbol.name))
        node.add(UInt64(symbol.header))
        node.bytes += [UInt8](repeating: 0, count: 24)
      }
      node.bytes += [UInt8](repeating: 0, count: 8 + 40 * width - node.bytes.count)
      tree.add(UInt64(place(node.bytes)))
      // The key between two nodes is the last name of the first.
      tree.add(UInt64(part[part.endIndex - 1].name))
    }
    let size = 24 + 16 * 2 * treeRank + 8
    tree.bytes += [UInt8](repeating: 0, count: size - tree.bytes.count)
    return place(tree.bytes)
  }

  private mutating func dataset(
    _ shape: [Int], _ elements: HDF5Elements, path: String
  ) throws(HDF5Error) -> Int {
    guard elementCount(of: shape) == elements.count, shape.count <= 32 else {
      throw .notWritable(
        object: path, reason: "\(elements.count) elements are not of shape \(abridged(shape))")
    }
    var space = ByteBuilder()
    space.bytes = [1, UInt8(shape.count), 0, 0, 0, 0, 0, 0]
    for size in shape { space.add(UInt64(size)) }
    let content = try content(elements, path: path)
    var layout = ByteBuilder()
    layout.bytes = [3, 1]
    layout.add(content.isEmpty ? Self.undefined : UInt64(place(content)))
    layout.add(UInt64(content.count))
    // Space is taken late, and no fill value is given.
    let fill: [UInt8] = [2, 2, 2, 0]
    return objectHeader([
      (0x01, space.bytes), (0x03, elements.typeMessage), (0x05, fill), (0x08, layout.bytes),
    ])
  }

  private mutating func content(
    _ elements: HDF5Elements, path: String
  ) throws(HDF5Error) -> [UInt8] {
    switch elements {
    case .float32(let values): return rawBytes(of: values)
    case .float64(let values): return rawBytes(of: values)
    case .int64(let values): return rawBytes(of: values.map { Int64($0) })
    case .texts(let texts):
      guard !texts.contains(where: { $0.utf8.contains(0) }) else {
        throw .notWritable(object: path, reason: "a text with a NUL in it")
      }
      return nextReferences(texts.count)
    }
  }

  /// All texts of a node, in the order in which its datasets are written.
  private static func texts(of node: HDF5Node) -> [String] {
    switch node {
    case .dataset(_, .texts(let texts)): texts
    case .dataset: []
    case .group(let members):
      names(of: members).flatMap { name in members[name].map(texts(of:)) ?? [] }
    }
  }

  /// Places texts in heaps that all datasets share, of so many each that their numbers stay far from
  /// the limit of 16 bits.
  private mutating func placeTexts(_ texts: [String]) {
    let width = 4096
    for start in stride(from: 0, to: texts.count, by: width) {
      let part = texts[start..<min(start + width, texts.count)]
      let address = globalHeap(part.map { Array($0.utf8) })
      for (index, text) in part.enumerated() {
        var reference = ByteBuilder()
        reference.add(UInt32(text.utf8.count))
        reference.add(text.isEmpty ? 0 : UInt64(address))
        reference.add(text.isEmpty ? 0 : UInt32(index + 1))
        references.append(reference.bytes)
      }
    }
  }

  /// The references to the texts of the next dataset.
  private mutating func nextReferences(_ count: Int) -> [UInt8] {
    referenceCount += count
    return Array(references[referenceCount - count..<referenceCount].joined())
  }

  private mutating func globalHeap(_ objects: [[UInt8]]) -> Int {
    var content = ByteBuilder()
    for (index, object) in objects.enumerated() where !object.isEmpty {
      content.add(UInt16(index + 1))
      content.bytes += [UInt8](repeating: 0, count: 6)
      content.add(UInt64(object.count))
      content.bytes += object
      content.bytes += [UInt8](repeating: 0, count: (8 - object.count % 8) % 8)
    }
    // A heap has 4096 bytes at least; the rest is object 0, its size with its own head.
    let free = max(4096 - 16 - content.bytes.count, 0)
    if free >= 16 {
      content.add(0 as UInt64)
      content.add(UInt64(free))
    }
    content.bytes += [UInt8](repeating: 0, count: max(4096 - 16 - content.bytes.count, 0))
    var heap = ByteBuilder()
    heap.bytes = Array("GCOL".utf8) + [1, 0, 0, 0]
    heap.add(UInt64(16 + content.bytes.count))
    return place(heap.bytes + content.bytes)
  }

  private mutating func objectHeader(_ messages: [(type: UInt16, body: [UInt8])]) -> Int {
    var content = ByteBuilder()
    for message in messages {
      let size = (message.body.count + 7) / 8 * 8
      content.add(message.type)
      content.add(UInt16(size))
      content.bytes += [0, 0, 0, 0]
      content.bytes += message.body
      content.bytes += [UInt8](repeating: 0, count: size - message.body.count)
    }
    var header = ByteBuilder()
    header.bytes = [1, 0]
    header.add(UInt16(messages.count))
    header.add(1 as UInt32)
    header.add(UInt32(content.bytes.count))
    header.add(0 as UInt32)
    return place(header.bytes + content.bytes)
  }
}

/// Bytes to which little-endian numbers are added.
struct ByteBuilder {
  var bytes: [UInt8] = []

  mutating func add<Number: FixedWidthInteger>(_ number: Number) {
    for place in 0..<number.bitWidth / 8 {
      bytes.append(UInt8(truncatingIfNeeded: number >> (8 * place)))
    }
  }
}
