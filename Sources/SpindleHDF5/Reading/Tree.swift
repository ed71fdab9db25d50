/// A B-tree of version 1 (III.A.1), read whole.
struct Tree {
  /// What its leaves hold.
  enum Kind: Int {
    case group = 0
    case chunks = 1
  }

  /// A child of a leaf with the place of the key before it.
  struct Entry {
    let key: Range<Int>
    let child: Int
  }

  private(set) var entries: [Entry] = []
  private let image: Image
  private let object: String
  private let kind: Kind
  private let keySize: Int
  /// A node that is met twice would be read without end, or very often.
  private var seen: Set<Int> = []

  init(
    _ image: Image, at address: Int, _ kind: Kind, keySize: Int, object: String
  ) throws(HDF5Error) {
    self.image = image
    self.object = object
    self.kind = kind
    self.keySize = keySize
    try read(at: address, level: nil)
  }

  /// Reads a node; its level is one below its parent's, which bounds the depth.
  private mutating func read(at address: Int, level: Int?) throws(HDF5Error) {
    var cursor = try Cursor(image, at: address, object: object)
    guard seen.insert(address).inserted else { throw cursor.damaged("a B-tree that is no tree") }
    try cursor.signature("TREE")
    let found = try cursor.byte()
    guard found == kind.rawValue else { throw cursor.damaged("a B-tree of type \(found)") }
    let ownLevel = try cursor.byte()
    guard level == nil || ownLevel == level, ownLevel < 64 else {
      throw cursor.damaged("a node of a B-tree at level \(ownLevel)")
    }
    let count = try cursor.count(2)
    try cursor.skip(2 * image.offsetSize)
    for _ in 0..<count {
      let key = try cursor.take(keySize)
      let child = try cursor.definedAddress("a node of a B-tree")
      if ownLevel == 0 {
        // In a good file no two entries are the same bytes.
        guard entries.count < image.bytes.count / (keySize + image.offsetSize) else {
          throw cursor.damaged("a B-tree of more entries than the file has bytes for")
        }
        entries.append(Entry(key: key, child: child))
      } else {
        try read(at: child, level: ownLevel - 1)
      }
    }
  }
}
