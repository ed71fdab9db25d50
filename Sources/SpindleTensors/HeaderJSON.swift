import SpindleJSON

/// The JSON of a safetensors header, read as far as its form goes: objects, strings and lists of
/// integers in their places.
struct HeaderJSON {
  /// One tensor; fields that are not there are nil.
  struct Entry {
    let name: String
    fileprivate(set) var type: String?
    fileprivate(set) var shape: [Int]?
    fileprivate(set) var offsets: [Int]?
    /// The first field that the format does not have.
    fileprivate(set) var unknownField: String?
  }

  /// In the header's own order.
  private(set) var entries: [Entry] = []
  private(set) var metadata: [String: String] = [:]

  /// Reads the bytes in `range`, which must be valid UTF-8.
  init(_ file: [UInt8], in range: Range<Int>) throws(JSONError) {
    var reader = JSONReader(file, in: range)
    try reader.object { reader, key throws(JSONError) in
      if key == SafetensorsFile.metadataKey {
        metadata = try Self.readMetadata(&reader)
      } else {
        entries.append(try Self.readEntry(&reader, name: key))
      }
    }
    try reader.finish()
  }

  /// Some writers say null where there are no metadata, and the reference implementation reads it.
  private static func readMetadata(
    _ reader: inout JSONReader
  ) throws(JSONError) -> [String: String] {
    var metadata: [String: String] = [:]
    if try reader.takeNull() { return metadata }
    try reader.object { reader, key throws(JSONError) in metadata[key] = try reader.string() }
    return metadata
  }

  private static func readEntry(
    _ reader: inout JSONReader, name: String
  ) throws(JSONError) -> Entry {
    var entry = Entry(name: name)
    try reader.object { reader, field throws(JSONError) in
      switch field {
      case "dtype": entry.type = try reader.string()
      case "shape": entry.shape = try reader.integers()
      case "data_offsets": entry.offsets = try reader.integers()
      default:
        entry.unknownField = entry.unknownField ?? field
        _ = try reader.value()
      }
    }
    return entry
  }
}
