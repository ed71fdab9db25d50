import SpindleFiles
import SpindleJSON

extension SafetensorsFile {
  /// Writes the file at `path` through `AtomicFile`: on an error an old file stays as it was.
  ///
  /// The tensors are in the order of the reference writer: F64, F32, I32, U16, I16, I8, U8, and by
  /// name within a type. The same content always gives the same bytes.
  ///
  /// - Throws: `notWritable`, `headerTooLong`, or `file` if the system refuses.
  public func write(to path: String) throws(SafetensorsError) {
    let ordered = try writingOrder()
    let pieces = [try headerBytes(ordered)] + ordered.map(\.bytes)
    try rethrowing(try AtomicFile.write(pieces: pieces, to: path), as: SafetensorsError.file)
  }

  /// The bytes that `write(to:)` writes.
  ///
  /// - Throws: `notWritable`, `headerTooLong`.
  public func encoded() throws(SafetensorsError) -> [UInt8] {
    try encoded(largestHeader: Self.largestHeader)
  }

  /// The bytes, where the header may have `largestHeader` of them.
  func encoded(largestHeader: Int) throws(SafetensorsError) -> [UInt8] {
    let ordered = try writingOrder()
    var bytes = try headerBytes(ordered, largest: largestHeader)
    bytes.reserveCapacity(bytes.count + ordered.reduce(0) { $0 + $1.bytes.count })
    for tensor in ordered { bytes += tensor.bytes }
    return bytes
  }

  private func writingOrder() throws(SafetensorsError) -> [Tensor] {
    if let tensor = tensors.first(where: { !$0.type.isWritable }) {
      throw .notWritable(tensor: tensor.name, type: tensor.type)
    }
    return tensors.sorted { left, right in
      let ranks = (left.type.writingRank ?? 0, right.type.writingRank ?? 0)
      return ranks.0 == ranks.1 ? inUTF8Order(left.name, right.name) : ranks.0 < ranks.1
    }
  }

  /// The header's length and the header, padded by spaces to a multiple of 8 bytes so that the
  /// data are aligned in the file.
  private func headerBytes(
    _ ordered: [Tensor], largest: Int = largestHeader
  ) throws(SafetensorsError) -> [UInt8] {
    var members: [String] = []
    if !metadata.isEmpty {
      let texts = metadata.sorted { inUTF8Order($0.key, $1.key) }
        .map { "\(jsonString($0.key)):\(jsonString($0.value))" }
      members.append("\"\(Self.metadataKey)\":{\(texts.joined(separator: ","))}")
    }
    var begin = 0
    for tensor in ordered {
      members.append(tensor.headerMember(begin: begin))
      begin += tensor.bytes.count
    }
    let json = Array("{\(members.joined(separator: ","))}".utf8)
    let padded = (json.count + 7) / 8 * 8
    guard padded <= largest else { throw .headerTooLong(byteCount: UInt64(padded)) }
    let padding = [UInt8](repeating: UInt8(ascii: " "), count: padded - json.count)
    return rawBytes(of: [UInt64(padded)]) + json + padding
  }
}

extension SafetensorsFile.Tensor {
  fileprivate func headerMember(begin: Int) -> String {
    let dimensions = shape.map(String.init).joined(separator: ",")
    return "\(jsonString(name)):{\"dtype\":\"\(type.rawValue)\",\"shape\":[\(dimensions)],"
      + "\"data_offsets\":[\(begin),\(begin + bytes.count)]}"
  }
}

/// The order of the bytes in UTF-8, the reference writer's; Swift's own is that of the normalized
/// forms.
private func inUTF8Order(_ left: String, _ right: String) -> Bool {
  left.utf8.lexicographicallyPrecedes(right.utf8)
}
