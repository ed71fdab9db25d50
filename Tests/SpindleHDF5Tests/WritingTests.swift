import SpindleTensors
import TestSupport
import Testing

@testable import SpindleHDF5

/// What is written is read again; h5py and h5dump judge it in Scripts/check_hdf5.py.
@Suite("Writing") struct WritingTests {
  @Test("Arrays and texts come back to the bit") func roundTrip() throws {
    let floats: [Float] = [0, -0.0, 1.5, .leastNonzeroMagnitude, .infinity, .nan]
    let doubles = [0.1, -1e300, .leastNonzeroMagnitude, .pi]
    let texts = ["", "lif", "é\u{1F9F5}", String(repeating: "x", count: 5000)]
    let file = try HDF5File(
      bytes: HDF5File.encoded([
        "floats": .dataset(shape: [2, 3], .float32(floats)),
        "doubles": .dataset(shape: [4], .float64(doubles)),
        "integers": .dataset(shape: [3], .int64([.min, 0, .max])),
        "texts": .dataset(shape: [2, 2], .texts(texts)), "one": .text("NIRGraph"),
        "none": .dataset(shape: [0], .float64([])), "group": .group([:]),
      ]))
    #expect(
      file.root.names == ["doubles", "floats", "group", "integers", "none", "one", "texts"])
    let read = try file.dataset("floats")
    #expect(read.shape == [2, 3] && read.type == .number(.f32, isBigEndian: false))
    #expect(try read.readFloats().map(\.bitPattern) == floats.map(\.bitPattern))
    #expect(try file.dataset("doubles").readDoubles() == doubles)
    #expect(try file.dataset("integers").readIntegers() == [.min, 0, .max])
    #expect(try file.dataset("texts").readStrings() == texts)
    #expect(try file.dataset("one").readStrings() == ["NIRGraph"])
    #expect(try file.dataset("one").shape == [])
    #expect(try file.dataset("none").readDoubles() == [])
    #expect(try file.group("group").names == [])
  }

  /// One node of a symbol table, several, and more than a B-tree's node of the usual rank has.
  @Test("Groups of any size", arguments: [0, 1, 8, 9, 256, 257, 3000])
  func groups(count: Int) throws {
    var members: [String: HDF5Node] = [:]
    for index in 0..<count { members["n\(index)"] = .dataset(shape: [], .int64([index])) }
    let file = try HDF5File(bytes: HDF5File.encoded(["all": .group(members)]))
    let group = try file.group("all")
    #expect(group.names == members.keys.sorted())
    for name in group.names {
      #expect(try group.dataset(name).readIntegers() == [Int(name.dropFirst())])
    }
  }

  @Test("More texts than one heap has numbers for") func manyTexts() throws {
    let texts = (0..<9000).map { "text \($0)" }
    let bytes = try HDF5File.encoded(["texts": .dataset(shape: [9000], .texts(texts))])
    #expect(try HDF5File(bytes: bytes).dataset("texts").readStrings() == texts)
  }

  @Test("The same members give the same bytes") func same() throws {
    let members: [String: HDF5Node] = ["b": .text("x"), "a": .group(["c": .text("y")])]
    #expect(try HDF5File.encoded(members) == HDF5File.encoded(members))
  }

  @Test("What no file can hold") func refused() {
    for name in ["", "a/b", "a\0"] {
      #expect(throws: HDF5Error.self) { try HDF5File.encoded([name: .text("x")]) }
    }
    #expect(throws: HDF5Error.self) { try HDF5File.encoded(["x": .text("a\0b")]) }
    for shape in [[2], [-1], [2, -1], [Int.max, 2]] {
      #expect(throws: HDF5Error.self, "\(shape)") {
        try HDF5File.encoded(["x": .dataset(shape: shape, .float64([1]))])
      }
    }
    #expect(throws: HDF5Error.self) {
      try HDF5File.write(["x": .text("y")], to: "/nowhere/x.h5")
    }
  }
}
