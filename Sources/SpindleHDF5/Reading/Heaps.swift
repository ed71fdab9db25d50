/// The names of a group's members (III.D).
struct LocalHeap {
  private let segment: Cursor

  init(_ image: Image, at address: Int, object: String) throws(HDF5Error) {
    var cursor = try Cursor(image, at: address, object: object)
    try cursor.signature("HEAP")
    _ = try cursor.version(0...0, of: "a local heap")
    try cursor.skip(3)
    let size = try cursor.length()
    _ = try cursor.unsigned(image.lengthSize)
    let data = try cursor.definedAddress("a heap's data")
    var rest = try Cursor(image, at: data, object: object)
    segment = try rest.part(size)
  }

  func text(at offset: Int) throws(HDF5Error) -> String {
    var cursor = segment
    try cursor.skip(offset)
    // Longer than any name; without a bound a heap without NULs would be read over and over.
    cursor = try cursor.part(min(cursor.remaining, 1 << 16))
    return try cursor.terminatedText()
  }
}

/// The heaps that hold what has no fixed length, by address (III.E). A heap is read once.
struct GlobalHeaps {
  private let image: Image
  private let object: String
  private var heaps: [Int: [Int: Range<Int>]] = [:]
  /// Heaps may lie over one another in a damaged file; in a good one they do not.
  private var budget: Int

  init(_ image: Image, object: String) {
    self.image = image
    self.object = object
    budget = image.bytes.count
  }

  /// The place of an object's bytes.
  mutating func range(at address: Int, index: Int) throws(HDF5Error) -> Range<Int> {
    if heaps[address] == nil { heaps[address] = try read(at: address) }
    guard let range = heaps[address]?[index] else {
      throw .damaged(
        object: object, offset: address, reason: "a global heap without its object \(index)")
    }
    return range
  }

  private mutating func read(at address: Int) throws(HDF5Error) -> [Int: Range<Int>] {
    var cursor = try Cursor(image, at: address, object: object)
    try cursor.signature("GCOL")
    _ = try cursor.version(1...1, of: "a global heap")
    try cursor.skip(3)
    let size = try cursor.length()
    guard size >= 8 + image.lengthSize, size <= budget else {
      throw cursor.damaged("a global heap of \(size) bytes")
    }
    budget -= size
    var heap = try cursor.part(size - 8 - image.lengthSize)
    var objects: [Int: Range<Int>] = [:]
    while heap.remaining >= 8 + image.lengthSize {
      let index = try heap.count(2)
      try heap.skip(6)
      let size = try heap.length()
      // Object 0 is the free space, up to the end.
      guard index > 0 else { break }
      objects[index] = try heap.take(size)
      try heap.skip(min((8 - size % 8) % 8, heap.remaining))
    }
    return objects
  }
}
