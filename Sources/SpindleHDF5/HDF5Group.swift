/// A group of an HDF5 file: its members by name.
public struct HDF5Group: Sendable {
  /// What a member is.
  public enum Kind: Sendable, Equatable {
    /// A group.
    case group
    /// A dataset.
    case dataset
  }

  /// The names of its members, in the file's order, which is that of the names' bytes in most files.
  public let names: [String]
  private let targets: [String: Links.Target]
  private let header: ObjectHeader
  /// The addresses of the groups that lead here.
  private let ancestors: [Int]

  /// Groups within groups, at most.
  private static let largestDepth = 64

  init(_ header: ObjectHeader, ancestors: [Int]) throws(HDF5Error) {
    guard header.isGroup else {
      throw .wrongKind(
        object: header.object, expected: "a group",
        found: header.isDataset ? "a dataset" : "a named type")
    }
    let links = try Links(of: header)
    names = links.names
    targets = links.targets
    self.header = header
    self.ancestors = ancestors
  }

  /// Where it is in the file, as in "/node/nodes".
  public var path: String { header.object }

  /// What tells a group from all others of its file: two links may lead to the same one.
  public var identity: Int { header.address }

  /// Whether it has a member of this name.
  public func contains(_ name: String) -> Bool { targets[name] != nil }

  /// What the member of this name is.
  ///
  /// - Throws: `missing`; `unsupported` for a link to elsewhere; `damaged`.
  public func kind(of name: String) throws(HDF5Error) -> Kind {
    let header = try header(of: name)
    if header.isDataset { return .dataset }
    guard header.isGroup else {
      throw .wrongKind(
        object: header.object, expected: "a group or a dataset", found: "a named type")
    }
    return .group
  }

  /// The group of this name, or at a path of names with "/" between them.
  ///
  /// - Throws: `missing`; `wrongKind`; `unsupported` for a link to elsewhere; `damaged`, also where
  ///   the group is within itself.
  public func group(_ path: String) throws(HDF5Error) -> HDF5Group {
    var group = self
    for name in path.split(separator: "/") { group = try group.member(String(name)) }
    return group
  }

  /// The dataset of this name, or at a path of names with "/" between them. Its elements are not
  /// read yet.
  ///
  /// - Throws: as `group(_:)`, and for a type or layout that is not read.
  public func dataset(_ path: String) throws(HDF5Error) -> HDF5Dataset {
    let names = path.split(separator: "/")
    guard let last = names.last else {
      throw .wrongKind(object: self.path, expected: "a dataset", found: "a group")
    }
    let group = try group(names.dropLast().joined(separator: "/"))
    return try HDF5Dataset(try group.header(of: String(last)))
  }

  private func member(_ name: String) throws(HDF5Error) -> HDF5Group {
    let child = try header(of: name)
    let path = ancestors + [header.address]
    guard !path.contains(child.address) else {
      throw .damaged(
        object: child.object, offset: child.address, reason: "the group is within itself")
    }
    guard path.count < Self.largestDepth else {
      throw .damaged(
        object: child.object, offset: child.address,
        reason: "more than \(Self.largestDepth) groups within one another")
    }
    return try HDF5Group(child, ancestors: path)
  }

  private func header(of name: String) throws(HDF5Error) -> ObjectHeader {
    let object = (path == "/" ? "" : path) + "/" + name
    switch targets[name] {
    case .object(let address):
      return try ObjectHeader(header.image, at: address, object: object)
    case .other(let what, let offset):
      throw .unsupported(
        object: object, offset: offset, what: "\(what), which is not followed,",
        isRepackable: false)
    case nil: throw .missing(object: path, name: name, known: names)
    }
  }

  /// The attributes by name, each read as a dataset is.
  ///
  /// - Throws: for one that is damaged, and for attributes too many to stand in the group's header.
  public var attributes: [String: HDF5Dataset] {
    get throws(HDF5Error) { try header.attributes }
  }
}
