import SpindleHDF5

extension NIRGraph {
  /// The version of the format that is written.
  public static let formatVersion = "1.0"

  /// The bytes of a file that `nir.read` takes. The same graph gives the same bytes.
  ///
  /// - Throws: `hdf5` for what no file can hold.
  public func encoded() throws(NIRError) -> [UInt8] {
    do throws(HDF5Error) {
      return try HDF5File.encoded(try members())
    } catch {
      throw .hdf5(error)
    }
  }

  /// Writes the file at `path`; on an error an old file stays as it was.
  ///
  /// - Throws: `hdf5` for what no file can hold, and where the system refuses.
  public func write(to path: String) throws(NIRError) {
    do throws(HDF5Error) {
      try HDF5File.write(try members(), to: path)
    } catch {
      throw .hdf5(error)
    }
  }

  private func members() throws(HDF5Error) -> [String: HDF5Node] {
    ["version": .text(Self.formatVersion), "node": try node()]
  }

  fileprivate func node() throws(HDF5Error) -> HDF5Node {
    var members: [String: HDF5Node] = [:]
    for (name, node) in nodes { members[name] = try node.node() }
    // In an order of their own, so that the same graph gives the same bytes.
    let sorted = edges.sorted { ($0.source, $0.target) < ($1.source, $1.target) }
    var group: [String: HDF5Node] = [
      "type": .text("NIRGraph"), "nodes": .group(members),
      "edges": sorted.isEmpty
        ? .dataset(shape: [0], .float64([]))
        : .dataset(
          shape: [sorted.count, 2], .texts(sorted.flatMap { [$0.source, $0.target] })),
    ]
    if !metadata.isEmpty { group["metadata"] = .group(metadata.mapValues { .text($0) }) }
    return .group(group)
  }
}

extension NIRNode {
  fileprivate func node() throws(HDF5Error) -> HDF5Node {
    if let graph { return try graph.node() }
    var group: [String: HDF5Node] = ["type": .text(type)]
    for (name, array) in parameters { group[name] = try array.node() }
    return .group(group)
  }
}
