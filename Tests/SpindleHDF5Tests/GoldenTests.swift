import Foundation
import SpindleTensors
import TestSupport
import Testing

@testable import SpindleHDF5

/// Files that h5py wrote (Scripts/make_hdf5_golden.py).
@Suite("Files of h5py") struct GoldenTests {
  /// Versions of the format that have everything.
  static let whole = ["earliest", "v108", "user-block"]

  // Later versions keep as many members in a fractal heap.
  @Test("Numbers of every width, in both orders", arguments: ["earliest", "user-block"])
  func numbers(name: String) throws {
    let group = try golden(name).group("/numbers")
    let kinds = ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"]
    for order in ["little", "big"] {
      for kind in kinds {
        let dataset = try group.dataset("\(order)-\(kind)")
        #expect(try dataset.readDoubles() == [0, 1, 2, 3, 4], "\(dataset.path)")
        #expect(try dataset.readFloats() == [0, 1, 2, 3, 4], "\(dataset.path)")
        if kind.hasPrefix("f") {
          #expect(throws: HDF5Error.self) { try dataset.readIntegers() }
        } else {
          #expect(try dataset.readIntegers() == [0, 1, 2, 3, 4], "\(dataset.path)")
        }
      }
    }
    let flags = try group.dataset("bool")
    #expect(
      flags.type == .enumeration(.i8, isBigEndian: false, names: ["FALSE", "TRUE"]))
    #expect(try flags.readIntegers() == [1, 0, 1])
    let scalar = try group.dataset("scalar")
    #expect(scalar.shape == [] && scalar.count == 1)
    #expect(try scalar.readDoubles() == [2.5])
    let empty = try group.dataset("empty")
    #expect(empty.shape == [0, 3] && !empty.isNull)
    #expect(try empty.readDoubles() == [])
    #expect(try group.dataset("null").isNull)
    #expect(try group.dataset("null").readDoubles() == [])
    #expect(try group.dataset("negative").readIntegers() == [-1, -128])
  }

  @Test("Layouts and filters", arguments: whole) func layouts(name: String) throws {
    let group = try golden(name).group("/layouts")
    let matrix = (0..<70).map { Double($0) / 4 }
    for layout in ["chunked", "deflate", "fletcher32", "all", "shuffle", "one-chunk"] {
      let dataset = try group.dataset(layout)
      #expect(dataset.shape == [7, 10], "\(layout)")
      #expect(try dataset.readDoubles() == matrix, "\(layout)")
    }
    #expect(try group.dataset("cube").readDoubles() == Array(matrix.prefix(60)))
    #expect(try group.dataset("compact").readDoubles() == [0, 0.25, 0.5, 0.75])
    let fills = try golden(name).group("fills")
    #expect(try fills.dataset("unwritten").readIntegers() == [Int](repeating: 7, count: 6))
    let partly = [1, 1, 7, 7, 1, 1, 7, 7] + [Int](repeating: 7, count: 8)
    #expect(try fills.dataset("partly").readIntegers() == partly)
  }

  @Test("Layouts of version 4 that need no index") func laterLayouts() throws {
    let file = try golden("v110")
    for name in ["one-chunk", "one-plain", "implicit"] {
      #expect(
        try file.dataset(name).readDoubles() == (0..<70).map { Double($0) / 4 }, "\(name)")
    }
  }

  @Test("Texts", arguments: whole + ["v110"]) func texts(name: String) throws {
    let group = try golden(name).group("texts")
    #expect(try group.dataset("fixed").readStrings() == ["a", "bc", ""])
    #expect(try group.dataset("spaces").readStrings() == ["ab", "abcd"])
    #expect(try group.dataset("variable").readStrings() == ["lif", "é\u{1F9F5}", ""])
    #expect(try group.dataset("ascii").readStrings() == ["lif", "li"])
    #expect(try group.dataset("one").readStrings() == ["NIRGraph"])
    #expect(throws: HDF5Error.self) { try group.dataset("one").readDoubles() }
  }

  @Test("Rows of variable length", arguments: whole) func rows(name: String) throws {
    let group = try golden(name).group("rows")
    for name in group.names {
      let rows = try group.dataset(name).readRows()
      let count = name == "chunked" ? 10 : 40
      #expect(rows.count == count && rows.totalCount == count * (count - 1) / 2, "\(name)")
      for row in 0..<rows.count {
        #expect(rows.length(of: row) == row)
        #expect(rows.doubles(row) == (0..<row).map { Double($0) }, "\(name)")
        if rows.type != .f16, rows.type != .f32, rows.type != .f64 {
          #expect(try rows.integers(row) == Array(0..<row), "\(name)")
        }
      }
    }
  }

  @Test("Attributes", arguments: whole + ["v110"]) func attributes(name: String) throws {
    let attributes = try golden(name).group("attributes").attributes
    #expect(try attributes["dt"]?.readDoubles() == [1e-3])
    #expect(try attributes["name"]?.readStrings() == ["NIRGraphData"])
    #expect(try attributes["shape"]?.readIntegers() == [0, 1, 2])
    #expect(attributes.count == 3)
  }

  @Test("A group of many members") func many() throws {
    let group = try golden("earliest").group("many")
    #expect(group.names.count == 300 && group.names == group.names.sorted())
    for name in group.names {
      #expect(try group.kind(of: name) == .dataset)
      #expect(try group.dataset(name).readIntegers() == [Int(name)])
    }
  }

  @Test(
    "What is not read is named",
    arguments: [
      ("dense-group", "many", "fractal heap", true), ("fixed-array", "x", "fixed array", true),
      ("extensible-array", "x", "extensible array", true), ("compound", "x", "compound", false),
      ("lzf", "x", "filter 32000 (\"lzf\")", false), ("soft-link", "x", "soft link", false),
      ("external-link", "x", "external link to the file \"secret.h5\"", false),
      ("external-storage", "x", "the file \"secret.bin\"", false),
      ("virtual", "x", "virtual dataset", false),
    ])
  func refused(name: String, object: String, what: String, isRepackable: Bool) throws {
    let file = try golden("not-\(name)")
    do throws(HDF5Error) {
      let kind = try file.root.kind(of: object)
      _ =
        kind == .group
        ? try file.group(object).names.count : try file.dataset(object).readDoubles().count
      Issue.record("\(name) was read")
    } catch {
      #expect(error.description.contains(what), "\(error)")
      #expect(error.description.contains("\"/\(object)\""), "\(error)")
      #expect(error.description.contains("h5repack") == isRepackable, "\(error)")
    }
  }

  @Test("A group within itself") func circle() throws {
    let file = try golden("not-circle")
    #expect(try file.group("x/inner").names == ["x"])
    #expect(throws: HDF5Error.self) { try file.group("x/inner/x") }
  }

  @Test("What is not there, or of another kind") func missing() throws {
    let file = try golden("earliest")
    #expect(
      throws: HDF5Error.missing(object: "/rows", name: "x", known: try file.group("rows").names)
    ) {
      try file.dataset("/rows/x")
    }
    #expect(throws: HDF5Error.self) { try file.group("/numbers/scalar") }
    #expect(throws: HDF5Error.self) { try file.dataset("/numbers") }
    #expect(throws: HDF5Error.self) { try file.dataset("/") }
    #expect(throws: HDF5Error.self) { try HDF5File(contentsOf: "/nowhere/x.h5") }
    #expect(throws: HDF5Error.notHDF5) { try HDF5File(bytes: [UInt8](repeating: 0, count: 4096)) }
    #expect(throws: HDF5Error.notHDF5) { try HDF5File(bytes: []) }
    let bytes = try contents(goldenPath("earliest"))
    #expect(throws: HDF5Error.truncated(expected: bytes.count, found: bytes.count - 1)) {
      try HDF5File(bytes: bytes.dropLast())
    }
  }
}

/// The path of a golden file.
func goldenPath(_ name: String) throws -> String {
  try #require(Bundle.module.path(forResource: "Golden/\(name)", ofType: "h5"))
}

/// A golden file.
func golden(_ name: String) throws -> HDF5File { try HDF5File(contentsOf: goldenPath(name)) }
