import Foundation
import Spindle
import SpindleHDF5
import SpindleJSON
import TestSupport
import Testing

@testable import SpindleNIR

/// Graphs of files, the package's own and others'.
@Suite("Graphs of files") struct FixtureTests {
  @Test("The package's own give what their definition gives", arguments: Fixture.goldenNames)
  func golden(name: String) throws {
    let fixture = try Fixture.golden(name)
    try fixture.check(try NIRImport(NIRGraph(contentsOf: fixture.path), fixture.options))
  }

  @Test(
    "Those of other frameworks give what these computed",
    arguments: SharedFiles.graphs { !$0.hasPrefix("bad-") && $0 != newerFile })
  func good(path: String) throws {
    let fixture = try Fixture(path)
    try fixture.check(try NIRImport(NIRGraph(contentsOf: path), fixture.options))
  }

  /// HDF5 2.0's own layout.
  private static let newerFile = "hand-hdf5-2.nir"

  @Test(
    "A layout of HDF5 2.0 is refused with advice", arguments: SharedFiles.graphs { $0 == newerFile }
  )
  func later(path: String) throws {
    do {
      _ = try NIRImport(NIRGraph(contentsOf: path), NIRImportOptions(timeStep: 1e-3))
      Issue.record("it was read")
    } catch {
      #expect("\(error)".contains("h5repack"), "\(error)")
    }
  }

  /// The words that say what and where.
  private static let words: [String: [String]] = [
    "bad-conv2d": ["\"conv\"", "Conv2d", "CubaLIF"],
    "bad-corrupt-gzip": ["\"fc1\"", "weight", "unpacked"],
    "bad-corrupt-string-heap": ["damaged"],
    "bad-cycle-without-neuron": ["\"fc1\"", "\"w2\"", "without neurons"],
    "bad-delay": ["\"delay\"", "0.003"],
    "bad-edge-to-missing-node": ["\"lif1\" -> \"fc9\""],
    "bad-edges-three-columns": ["[E, 2]", "[3, 3]"],
    "bad-external-link": ["\"fc2\"", "external link"],
    "bad-external-storage": ["\"fc2\"", "secret.bin"],
    "bad-gzip-bomb": ["\"fc2\"", "8388608", "6"],
    "bad-hard-link-cycle": ["loop"],
    "bad-hdf5-but-no-nir": ["\"node\""],
    "bad-huge-claim": ["\"fc2\"", "1048576"],
    "bad-lzf-filter": ["\"fc2\"", "32000"],
    "bad-missing-edge": ["\"lif1\"", "no edge"],
    "bad-missing-tau": ["\"lif1\"", "tau"],
    "bad-nan-tau": ["\"lif1\"", "tau of neuron 3 is nan"],
    "bad-negative-tau": ["\"lif1\"", "tau of neuron 2 is -0.01"],
    "bad-no-output": ["Output"],
    "bad-not-hdf5": ["HDF5"],
    "bad-parameter-lengths": ["\"lif1\"", "tau has 6", "r has 3 numbers"],
    "bad-public-braille-subgraph": ["\"input\" -> \"lif\"", "\"lif1\""],
    "bad-shape-mismatch": ["\"lif1\"", "5", "\"fc1\"", "6"],
    "bad-skip-connection": ["\"li\"", "\"fc2\"", "\"fc3\""],
    "bad-spyx-rlif-nested": ["layer_1.w_rec\"", "Spyx"],
    "bad-tau-below-dt": ["\"lif1\"", "0.0005", "exponential-euler"],
    "bad-truncated": ["33226", "49840"],
    "bad-two-outputs": ["2 Output nodes"],
    "bad-unknown-type": ["\"lif1\"", "AdLIF"],
    "bad-vreset": ["\"lif1\"", "v_reset", "0.2"],
    "bad-zero-tau": ["\"lif1\"", "tau"],
  ]

  @Test(
    "Those that make no network are refused with node and reason",
    arguments: SharedFiles.graphs { $0.hasPrefix("bad-") })
  func bad(path: String) throws {
    let name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    let integration =
      name == "bad-tau-below-dt"
      ? NIRImportOptions.Integration.forwardEuler : .exponentialEuler
    do {
      _ = try NIRImport(
        NIRGraph(contentsOf: path),
        NIRImportOptions(timeStep: 1e-3, integration: integration))
      Issue.record("\(name) was read")
    } catch {
      let words = try #require(Self.words[name], "\(name) is not known; it says \(error)")
      for word in words { #expect("\(error)".contains(word), "\(error)") }
    }
  }

  @Test("Random changes to a graph end in a network or an error") func damage() throws {
    let fixture = try Fixture.golden("nested")
    var damage = RandomDamage(try contents(fixture.path), seed: 3)
    var accepted = 0
    for _ in 0..<max(300, RandomDamage.count) {
      do throws(NIRError) {
        _ = try NIRImport(NIRGraph(bytes: damage.next()), fixture.options)
        accepted += 1
      } catch {
        #expect(!error.description.isEmpty)
      }
    }
    #expect(accepted > 0, "the changes are too wild")
  }
}
