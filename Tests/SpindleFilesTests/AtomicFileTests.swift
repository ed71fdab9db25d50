import Foundation
import TestSupport
import Testing

@testable import SpindleFiles

@Suite("Atomic writing") struct AtomicFileTests {
  private func names(_ directory: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
  }

  @Test("A file is made, and replaced with its permissions kept") func replaces() throws {
    try withTemporaryDirectory { directory throws in
      let path = directory + "/a.json"
      try AtomicFile.write("old ä", to: path)
      #expect(try contents(path) == Array("old ä".utf8))
      try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
      try AtomicFile.write(pieces: [[1], [], [2, 3]], to: path)
      #expect(try contents(path) == [1, 2, 3])
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      #expect(attributes[.posixPermissions] as? Int == 0o640)
      #expect(try names(directory) == ["a.json"])
    }
  }

  @Test("After a failed write the old file is intact and nothing is left over")
  func failure() throws {
    try withTemporaryDirectory { directory throws in
      let path = directory + "/a"
      try AtomicFile.write("old", to: path)
      let full = FileError(path: path, step: "write the file", code: ENOSPC)
      #expect(throws: full) {
        try AtomicFile.replace(path) { descriptor throws(FileError) in
          try SystemCalls.write([1, 2, 3], descriptor, path: path)
          #expect((try? names(directory))?.count == 2)
          throw full
        }
      }
      #expect(full.description == "\(path): cannot write the file: No space left on device")
      #expect(try contents(path) == Array("old".utf8))
      #expect(try names(directory) == ["a"])
    }
  }

  @Test("A full device") func fullDevice() throws {
    try #require(FileManager.default.fileExists(atPath: "/dev/full"))
    let descriptor = try SystemCalls.open("/dev/full", O_WRONLY, for: "/dev/full", step: "open")
    #expect(throws: FileError(path: "x", step: "write the file", code: ENOSPC)) {
      try SystemCalls.write([1], descriptor, path: "x")
    }
    try SystemCalls.close(descriptor, path: "/dev/full")
  }

  @Test("A missing directory") func missingDirectory() throws {
    try withTemporaryDirectory { directory throws in
      let path = directory + "/none/a"
      #expect(
        throws: FileError(
          path: path, step: "create a file in the directory \(directory)/none", code: ENOENT)
      ) { try AtomicFile.write("new", to: path) }
      #expect(try names(directory) == [])
    }
  }

  // The superuser may write anywhere.
  @Test("An unwritable directory", .enabled(if: geteuid() != 0)) func unwritable() throws {
    try withTemporaryDirectory { directory throws in
      let path = directory + "/a"
      try AtomicFile.write("old", to: path)
      try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: directory)
      #expect(
        throws: FileError(
          path: path, step: "create a file in the directory \(directory)", code: EACCES)
      ) { try AtomicFile.write("new", to: path) }
      #expect(try contents(path) == Array("old".utf8))
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory)
    }
  }

  @Test("A directory, a device and a path with a NUL are refused") func notFiles() throws {
    try withTemporaryDirectory { directory throws in
      #expect(throws: FileError(path: directory, step: "replace the file", code: EISDIR)) {
        try AtomicFile.write("new", to: directory)
      }
      #expect(throws: FileError.self) { try AtomicFile.write("new", to: directory + "/a\0b") }
      #expect(throws: FileError.self) { try AtomicFile.write("new", to: "") }
      #expect(throws: FileError.self) { try AtomicFile.write("new", to: "/dev/null") }
      #expect(try SystemCalls.kind(of: "/dev/null", followingLinks: false) == .other)
      #expect(try names(directory) == [])
    }
  }

  @Test("A symbolic link is followed") func link() throws {
    try withTemporaryDirectory { directory throws in
      let (link, target) = (directory + "/link", directory + "/target")
      try FileManager.default.createSymbolicLink(
        atPath: link, withDestinationPath: "target")
      #expect(throws: FileError(path: link, step: "follow the symbolic link", code: ENOENT)) {
        try AtomicFile.write("new", to: link)
      }
      try AtomicFile.write("old", to: target)
      try AtomicFile.write("new", to: link)
      #expect(try contents(target) == Array("new".utf8))
      #expect(try SystemCalls.kind(of: link, followingLinks: false) == .symbolicLink)
    }
  }
}
