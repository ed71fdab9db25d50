import SpindleTensors

/// Puts the chunks of a dataset together.
struct ChunkReader {
  let header: ObjectHeader
  let chunks: Layout.Chunks
  let filters: Filters
  /// Of the dataset.
  let shape: [Int]
  let elementSize: Int

  /// A chunk's place in the file.
  private struct Stored {
    /// Its first element's place in the dataset.
    let origin: [Int]
    let address: Int
    let byteCount: Int
    let mask: Int
  }

  /// The most that is filled with the fill value where chunks are missing, in bytes.
  static let largestUnstored = 1 << 24

  /// The dataset's bytes, in row-major order.
  func bytes(byteCount: Int) throws(HDF5Error) -> [UInt8] {
    let cursor = Cursor(header.image, 0..<0, object: header.object)
    guard let chunkBytes = elementCount(of: chunks.shape + [elementSize]) else {
      throw cursor.damaged("chunks of shape \(abridged(chunks.shape))")
    }
    // No product overflows: no factor is above the dataset's own.
    let needed = zip(shape, chunks.shape).reduce(1) { $0 * (($1.0 - 1) / $1.1 + 1) }
    let stored = try stored(chunkBytes)
    guard stored.count == needed || byteCount <= Self.largestUnstored else {
      throw .tooLarge(
        object: header.object, shape: shape,
        reason: "of its \(needed) chunks \(stored.count) are in the file")
    }
    try checkSizes(stored, chunkBytes: chunkBytes)
    var bytes = try start(byteCount: byteCount, isComplete: stored.count == needed)
    for chunk in stored {
      var all = try Cursor(header.image, at: chunk.address, object: header.object)
      let place = try all.part(chunk.byteCount)
      let isEdge = zip(chunk.origin, zip(chunks.shape, shape)).contains { $0 + $1.0 > $1.1 }
      let filters = isEdge && chunks.keepsEdgesUnfiltered ? Filters() : filters
      let content = try filters.unpacked(place, mask: chunk.mask, byteCount: chunkBytes)
      copy(content, at: chunk.origin, to: &bytes)
    }
    return bytes
  }

  /// What stands where no chunk does.
  private func start(byteCount: Int, isComplete: Bool) throws(HDF5Error) -> [UInt8] {
    let fill = try header.fillValue(elementSize: elementSize)
    guard !isComplete, fill.contains(where: { $0 != 0 }) else {
      return [UInt8](repeating: 0, count: byteCount)
    }
    return Array(repeatElement(fill, count: byteCount / elementSize).joined())
  }

  /// Refuses chunks that the file cannot hold, before memory for the dataset is taken.
  private func checkSizes(_ stored: [Stored], chunkBytes: Int) throws(HDF5Error) {
    var total = 0
    for chunk in stored {
      let all = try Cursor(header.image, at: chunk.address, object: header.object)
      // Chunks do not lie over one another; a byte count has 32 bits or is bounded here.
      total += min(chunk.byteCount, header.image.bytes.count)
      guard total <= header.image.bytes.count else {
        throw all.damaged("chunks of more bytes than the file has")
      }
      guard chunk.byteCount <= all.remaining,
        chunkBytes / Filters.largestRatio <= chunk.byteCount
      else {
        throw all.damaged(
          "a chunk of \(chunkBytes) bytes in \(min(chunk.byteCount, all.remaining))")
      }
    }
  }

  /// The chunks that are in the file, each once.
  private func stored(_ chunkBytes: Int) throws(HDF5Error) -> [Stored] {
    let image = header.image
    let origin = [Int](repeating: 0, count: shape.count)
    switch chunks.index {
    case .tree(nil), .single(nil, _, _), .implicit(nil): return []
    case .single(let address?, let byteCount, let mask):
      return [
        Stored(
          origin: origin, address: address, byteCount: byteCount ?? chunkBytes, mask: mask)
      ]
    case .implicit(let address?): return implicit(at: address, chunkBytes)
    case .tree(let address?):
      let tree = try Tree(
        image, at: address, .chunks, keySize: 8 + 8 * (shape.count + 1), object: header.object)
      var origins: Set<[Int]> = []
      var stored: [Stored] = []
      for entry in tree.entries {
        var key = Cursor(image, entry.key, object: header.object)
        let byteCount = try key.count(4)
        let mask = try key.count(4)
        var origin: [Int] = []
        for (size, length) in zip(chunks.shape, shape) {
          let place = try key.count(8)
          guard place % size == 0, place < length else {
            throw key.damaged("a chunk at \(place) of a dimension of \(length)")
          }
          origin.append(place)
        }
        guard origins.insert(origin).inserted else { throw key.damaged("a chunk that comes twice") }
        stored.append(
          Stored(origin: origin, address: entry.child, byteCount: byteCount, mask: mask))
      }
      return stored
    }
  }

  private func implicit(at address: Int, _ chunkBytes: Int) -> [Stored] {
    var stored: [Stored] = []
    var origin = [Int](repeating: 0, count: shape.count)
    // Chunks beyond the file's end end the list: then some are missing, and that is refused.
    var next = address
    while next <= header.image.bytes.count - chunkBytes {
      stored.append(Stored(origin: origin, address: next, byteCount: chunkBytes, mask: 0))
      next += chunkBytes
      var dimension = shape.count - 1
      while dimension >= 0 {
        origin[dimension] += chunks.shape[dimension]
        if origin[dimension] < shape[dimension] { break }
        origin[dimension] = 0
        dimension -= 1
      }
      if dimension < 0 { break }
    }
    return stored
  }

  /// Copies a chunk, less what reaches over the edge.
  private func copy(_ chunk: [UInt8], at origin: [Int], to bytes: inout [UInt8]) {
    let rank = shape.count
    let extent = (0..<rank).map { min(chunks.shape[$0], shape[$0] - origin[$0]) }
    let run = extent[rank - 1] * elementSize
    var place = [Int](repeating: 0, count: rank)
    while true {
      var (source, target) = (0, 0)
      for dimension in 0..<rank {
        source = source * chunks.shape[dimension] + place[dimension]
        target = target * shape[dimension] + origin[dimension] + place[dimension]
      }
      (source, target) = (source * elementSize, target * elementSize)
      bytes.replaceSubrange(target..<target + run, with: chunk[source..<source + run])
      var dimension = rank - 2
      while dimension >= 0 {
        place[dimension] += 1
        if place[dimension] < extent[dimension] { break }
        place[dimension] = 0
        dimension -= 1
      }
      if dimension < 0 { return }
    }
  }
}
