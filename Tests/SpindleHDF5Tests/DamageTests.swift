import Foundation
import TestSupport
import Testing

@testable import SpindleHDF5

/// Files that are damaged, or made to do harm.
@Suite("Damaged files") struct DamageTests {
  /// Reads everything that a file holds; an error ends the object that has it.
  static func readAll(_ bytes: [UInt8]) -> Int {
    guard let file = try? HDF5File(bytes: bytes) else { return 0 }
    var read = 1
    var groups = [file.root]
    var seen: Set<Int> = []
    while let group = groups.popLast() {
      guard seen.insert(group.identity).inserted else { continue }
      read += (try? group.attributes)?.count ?? 0
      for name in group.names {
        if let inner = try? group.group(name) { groups.append(inner) }
        guard let dataset = try? group.dataset(name) else { continue }
        if let rows = try? dataset.readRows() {
          for row in 0..<rows.count { read += rows.doubles(row).count }
        } else if let strings = try? dataset.readStrings() {
          read += strings.count
        } else if let numbers = try? dataset.readDoubles() {
          read += numbers.count
        }
      }
    }
    return read
  }

  @Test("Random changes to small files end in an error or in numbers", arguments: ["v108", "v110"])
  func changes(name: String) throws {
    var damage = RandomDamage(try contents(goldenPath(name)), seed: 1)
    // Those of version 1.8 hold all that is read, and take a while each without optimisation.
    for _ in 0..<(name == "v110" ? 1000 : 100) { _ = Self.readAll(damage.next()) }
  }

  @Test(
    "Random changes to a file of events",
    .enabled(if: SharedFiles.events != nil, "\(SharedFiles.eventsAbsence)"))
  func events() throws {
    let path = try #require(SharedFiles.events) + "/shd-like.h5"
    var damage = RandomDamage(try contents(path), seed: 2)
    for _ in 0..<RandomDamage.count { _ = Self.readAll(damage.next()) }
  }

  @Test("A shape that no file of this size can hold") func huge() throws {
    // The dimensions of the only array are made 2^40; what is stored stays 8 bytes each.
    var bytes = try HDF5File.encoded(["x": .dataset(shape: [3], .float64([1, 2, 3]))])
    let dataset = try HDF5File(bytes: bytes).dataset("x")
    let place = try #require(
      dataset.header.messages.first { $0.kind == .dataspace }?.range.lowerBound)
    bytes[place + 8 + 5] = 1
    #expect(throws: HDF5Error.self) { try HDF5File(bytes: bytes).dataset("x").readDoubles() }
    bytes[place + 8 + 7] = 0x7F
    #expect(throws: HDF5Error.self) { try HDF5File(bytes: bytes).dataset("x") }
  }

  @Test("Links in circles, nodes that are met twice, heaps over one another") func circles() throws
  {
    var bytes = try HDF5File.encoded(["a": .group([:]), "b": .text("x")])
    // Every address in the file made that of every structure: whatever results, it ends.
    let original = bytes
    let words = stride(from: 0, to: bytes.count - 8, by: 8).filter { place in
      let word = (0..<8).reduce(0 as UInt64) { $0 | UInt64(original[place + $1]) << (8 * $1) }
      return word >= 96 && word < UInt64(original.count)
    }
    #expect(words.count > 5)
    for place in words {
      for target in words {
        bytes = original
        bytes.replaceSubrange(place..<place + 8, with: original[target..<target + 8])
        _ = Self.readAll(bytes)
      }
    }
  }
}
