import Spindle
import SpindleHDF5
import SpindleJSON
import SpindleTensors

/// The members of a .zip file, as .npz files are: stored, or packed by deflate
/// (https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT). Encrypted members, other methods,
/// archives in several files and the directories of archives beyond 4 GiB are refused.
struct ZipArchive {
  private struct Member {
    let method: Int
    let checksum: UInt32
    let packedCount: Int
    let count: Int
    let header: Int
  }

  let path: String
  private let bytes: [UInt8]
  private var members: [String: Member] = [:]

  /// The names of the members, sorted.
  var names: [String] { members.keys.sorted() }

  /// Reads the directory of the file, which has to fit in memory.
  init(contentsOf path: String) throws(SpindleError) {
    try self.init(bytes: fileBytes(path), path: path)
  }

  /// Reads the directory of a file's content.
  init(bytes: [UInt8], path: String) throws(SpindleError) {
    self.bytes = bytes
    self.path = path
    guard let end = findEnd() else { throw damaged("expected a .zip file, found no directory") }
    let (count, size, start) = (number(end + 10, 2), number(end + 12, 4), number(end + 16, 4))
    guard count < 0xFFFF, size < 0xFFFF_FFFF, start < 0xFFFF_FFFF, number(end + 4, 4) == 0 else {
      throw damaged("archives beyond 4 GiB or of several files are not read")
    }
    guard start + size <= end else { throw damaged("its directory is outside of the file") }
    var place = start
    for _ in 0..<count { place = try readEntry(place, end: start + size) }
  }

  /// The bytes of a member.
  func member(_ name: String) throws(SpindleError) -> [UInt8] {
    guard let member = members[name] else {
      throw damaged(
        "there is no member \(quoted(name)); it has "
          + names.map { quoted($0) }.joined(separator: ", "))
    }
    func faulty(_ reason: String) -> SpindleError { damaged("member \(quoted(name)): \(reason)") }
    let header = member.header
    guard header + 30 <= bytes.count, number(header, 4) == 0x0403_4B50 else {
      throw faulty("its header is outside of the file or damaged")
    }
    let first = header + 30 + number(header + 26, 2) + number(header + 28, 2)
    guard first <= bytes.count, member.packedCount <= bytes.count - first else {
      throw faulty("it goes beyond the end of the file")
    }
    let packed = bytes[first..<first + member.packedCount]
    guard member.count / Self.largestRatio <= packed.count else {
      throw faulty("\(packed.count) bytes cannot hold the \(member.count) that it says")
    }
    try checkMemory([member.count], bytes: 1, of: "a member of \(path)")
    var content: [UInt8]?
    switch member.method {
    case 0: content = packed.count == member.count ? Array(packed) : nil
    case 8: content = inflateRaw(packed, byteCount: member.count)
    default:
      throw faulty("expected it stored or packed by deflate, found method \(member.method)")
    }
    guard let content, checksum32(content) == member.checksum else {
      throw faulty("its bytes are damaged")
    }
    return content
  }

  /// Deflate packs 1032 bytes into one at most.
  private static let largestRatio = 1032

  /// The end of the directory: the last place in the file that looks like one and whose comment ends
  /// where the file does.
  private func findEnd() -> Int? {
    let most = 22 + 0xFFFF
    guard bytes.count >= 22 else { return nil }
    var place = bytes.count - 22
    while place >= max(0, bytes.count - most) {
      if number(place, 4) == 0x0605_4B50, place + 22 + number(place + 20, 2) == bytes.count {
        return place
      }
      place -= 1
    }
    return nil
  }

  /// Reads an entry of the directory; the place of the next.
  private mutating func readEntry(_ place: Int, end: Int) throws(SpindleError) -> Int {
    guard place + 46 <= end, number(place, 4) == 0x0201_4B50 else {
      throw damaged("its directory is damaged")
    }
    let (nameCount, extraCount) = (number(place + 28, 2), number(place + 30, 2))
    let next = place + 46 + nameCount + extraCount + number(place + 32, 2)
    guard next <= end else { throw damaged("its directory is damaged") }
    let name = String(decoding: bytes[place + 46..<place + 46 + nameCount], as: UTF8.self)
    guard number(place + 8, 2) & 1 == 0 else {
      throw damaged("member \(quoted(name)) is encrypted")
    }
    let sizes = [number(place + 24, 4), number(place + 20, 4), number(place + 42, 4)]
    guard !sizes.contains(0xFFFF_FFFF) else {
      throw damaged("member \(quoted(name)) is beyond 4 GiB, which is not read")
    }
    guard members[name] == nil else { throw damaged("it has two members \(quoted(name))") }
    members[name] = Member(
      method: number(place + 10, 2), checksum: UInt32(number(place + 16, 4)),
      packedCount: sizes[1], count: sizes[0], header: sizes[2])
    return next
  }

  /// A little-endian number within the file.
  private func number(_ place: Int, _ size: Int) -> Int {
    bytes[place..<place + size].reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  private func damaged(_ reason: String) -> SpindleError {
    .invalidData(path: path, reason: reason)
  }
}

extension ZipArchive {
  /// The names of the arrays of a .npz file.
  var arrayNames: [String] { names.filter { $0.hasSuffix(".npy") }.map { String($0.dropLast(4)) } }

  /// An array of a .npz file; nil where the file holds one alone.
  func array(_ name: String?) throws(SpindleError) -> NumPyArray {
    let known = arrayNames
    guard let name = name ?? (known.count == 1 ? known[0] : nil) else {
      throw damaged(
        "name one of its arrays; it holds " + known.map { quoted($0) }.joined(separator: ", "))
    }
    guard known.contains(name) else {
      throw damaged(
        "there is no array \(quoted(name)); it holds "
          + known.map { quoted($0) }.joined(separator: ", "))
    }
    let content = try member(name + ".npy")
    do throws(NumPyError) {
      return try NumPyArray(bytes: content)
    } catch {
      throw damaged("array \(quoted(name)): \(error)")
    }
  }
}
