import Foundation
import TestSupport
import Testing

@testable import SpindleFiles

@Suite("Locks") struct FileLockTests {
  @Test("One holder at a time, and nothing is left behind") func oneHolder() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/run.safetensors"
      var first = try FileLock.take(for: path)
      #expect(first != nil)
      #expect(try FileLock.take(for: path) == nil)
      #expect(try FileLock.take(for: directory + "/other") != nil)
      first = nil
      let second = try FileLock.take(for: path)
      #expect(second != nil)
      withExtendedLifetime(second) {}
    }
  }

  @Test("Released, its file is gone; left by a kill, it keeps nobody out") func leftOvers() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/run"
      try Data().write(to: URL(fileURLWithPath: path + ".lock"))
      do { #expect(try FileLock.take(for: path) != nil) }
      #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == [])
    }
  }

  @Test("A symbolic link to the file is the file") func links() throws {
    try withTemporaryDirectory { directory in
      try Data().write(to: URL(fileURLWithPath: directory + "/run"))
      try FileManager.default.createSymbolicLink(
        atPath: directory + "/link", withDestinationPath: directory + "/run")
      let lock = try FileLock.take(for: directory + "/link")
      #expect(lock != nil)
      #expect(try FileLock.take(for: directory + "/run") == nil)
      withExtendedLifetime(lock) {}
    }
  }

  @Test("A name as long as the system allows") func longNames() throws {
    try withTemporaryDirectory { directory in
      let lock = try FileLock.take(for: directory + "/" + String(repeating: "é", count: 127))
      #expect(lock != nil)
    }
  }

  @Test("Without its directory there is an error, as in writing") func errors() throws {
    try withTemporaryDirectory { directory in
      for path in [directory + "/none/run", directory] {
        #expect(throws: FileError.self) { _ = try FileLock.take(for: path) }
        #expect(throws: FileError.self) { try AtomicFile.probe(path) }
      }
      try AtomicFile.probe(directory + "/run")
      #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == [])
    }
  }
}

@Suite("Printable text") struct PrintableTextTests {
  @Test("Nothing that acts on a terminal passes") func controls() {
    #expect(
      printable("a\u{1B}[31mb\u{7F}\u{9B}c\u{202E}d\n\te")
        == "a\\u001b[31mb\\u007f\\u009bc\\u202ed\n\te")
    #expect(printableLine("a\r\nb\t\u{2028}") == "a\\u000d\\u000ab\\u0009\\u2028")
    for scalar in (0...0x10FFFF).compactMap(Unicode.Scalar.init) {
      let isControl = scalar.properties.generalCategory == .control
      #expect(!isControl || !printableLine(String(scalar)).unicodeScalars.contains(scalar))
    }
  }

  @Test("All else stays, and JSON stays the same document") func others() throws {
    let text = "naïve 🧵 e\u{301} 50% 'x' \\ \"y\" 中文"
    #expect(printable(text) == text && printableLine(text) == text)
    let json = "[\"\u{9B}1m\u{202E}\"]"
    let read = try JSONSerialization.jsonObject(with: Data(printable(json).utf8)) as? [String]
    #expect(read == ["\u{9B}1m\u{202E}"])
  }
}
