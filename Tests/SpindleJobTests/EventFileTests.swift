import Foundation
import Spindle
import SpindleHDF5
import SpindleTensors
import TestSupport
import Testing

@testable import SpindleJob

/// Files of events as others' software writes them, against what must come out of them.
@Suite(.enabled(if: SharedFiles.events != nil, "\(SharedFiles.eventsAbsence)"))
struct EventFileTests {
  private let scratch: Folder

  init() throws { scratch = try Folder() }

  private func shared(_ name: String) throws -> String {
    "\(try #require(SharedFiles.events))/\(name)"
  }

  private func configuration(
    _ data: String, outputs: Int, timeStep: Double = 1e-3
  ) throws -> JobConfiguration {
    try JobConfiguration(
      parsing: """
        {
          "network": {
            "time_step": \(timeStep),
            "layers": [{"kind": "lif", "neurons": 5}, {"kind": "li", "neurons": \(outputs)}]
          },
          "data": \(data), "loss": "mean_membrane_cross_entropy",
          "training": {"epochs": 1, "batch": 4}
        }
        """)
  }

  private func refusal(_ data: String, outputs: Int) -> String {
    let error = #expect(throws: JobError.self) { try Job(configuration(data, outputs: outputs)) }
    return error?.description ?? ""
  }

  @Test(arguments: ["events-nmnist.bin", "events-tonic.npy", "events-spikingjelly.npz"])
  func sensorsEvents(name: String) throws {
    let events = try SensorEvents(contentsOf: shared(name))
    let expected = try SafetensorsFile(
      contentsOf: shared(name.split(separator: ".")[0] + ".safetensors"))
    func integers(_ name: String) throws -> [Int] { try expected.tensor(named: name).integers() }
    #expect(try events.times == integers("t").map { Double($0) })
    #expect(try events.x == integers("x"))
    #expect(try events.y == integers("y"))
    #expect(try events.polarities == integers("p"))
  }

  /// Folders by class, numbers in their order; a file alone has no class.
  @Test func folders() throws {
    for (folder, file) in [("10", "a"), ("2", "b"), ("2", "a")] {
      let path = scratch.path("set/\(folder)")
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      try FileManager.default.copyItem(
        atPath: shared("events-nmnist.bin"), toPath: "\(path)/\(file).bin")
    }
    let events = "\"events\": {\"steps\": 320, \"sensor\": [34, 34, 2]}"
    let job = try Job(
      configuration("{\"file\": \"\(scratch.path("set"))\", \(events)}", outputs: 2))
    let dataset = job.data.training.plain
    #expect(dataset.shape == [3, 320, 2312] && dataset.labels?.labels == [0, 0, 1])
    #expect(dataset.labels?.names == ["2", "10"])
    let saved = try job.train().fit.checkpoint
    #expect(job.difference(from: saved) == nil)
    // Each event at its step of 1 ms and its unit, by the numbers of the fixture.
    let expected = try SafetensorsFile(contentsOf: shared("events-nmnist.safetensors"))
    let fields = try ["t", "x", "y", "p"].map { try expected.tensor(named: $0).integers() }
    var places = Set<Int>()
    for event in fields[0].indices {
      let unit = (fields[3][event] * 34 + fields[2][event]) * 34 + fields[1][event]
      places.insert(fields[0][event] / 1000 * 2312 + unit)
    }
    let values = dataset[1]
    #expect(Set(values.indices.filter { values[$0] == 1 }) == places)
    #expect(
      refusal("{\"file\": \"\(scratch.path("set"))\"}", outputs: 2)
        .contains("expected \"sensor\" in data.events"))
    let small = "\"events\": {\"steps\": 320, \"sensor\": [30, 34, 2]}"
    #expect(
      refusal("{\"file\": \"\(scratch.path("set"))\", \(small)}", outputs: 2)
        .contains("expected events within the sensor [30, 34, 2], found x"))
  }

  /// The layout of SHD: every event at its step, by its own rows; labels, names and speakers.
  @Test func speech() throws {
    let path = try shared("shd-like.h5")
    let data = """
      {"file": "\(path)", "events": {"steps": 100, "units": 700, "outside": "dropped"},
        "split": {"train": 0.75, "test": 0.25, "group": "speaker"}}
      """
    let job = try Job(configuration(data, outputs: 3, timeStep: 0.01))
    let parts = [job.data.training.plain, try #require(job.data.test?.plain)]
    #expect(parts.map(\.count).reduce(0, +) == 200 && parts[0].units == 700)
    #expect(parts[0].labels?.names?.count == 3)
    #expect(job.configuration.data.classNames == parts[0].labels?.names)
    let file = try HDF5File(contentsOf: path)
    let speakers = try file.dataset("/extra/speaker").readIntegers()
    let groups = parts.map { Set($0.identities.map { speakers[$0] }) }
    #expect(groups[0].isDisjoint(with: groups[1]), "a speaker is in both parts")
    let times = try file.dataset("/spikes/times").readRows()
    let units = try file.dataset("/spikes/units").readRows()
    let part = parts[1]
    for (index, sample) in part.identities.enumerated().prefix(20) {
      // A time that is less than the beginning of a step by half a spacing of float16 there, or by
      // less, was rounded down from it: float16(0.01) is above 0.01.
      var expected = Set<Int>()
      for (time, unit) in zip(times.doubles(sample), try units.integers(sample)) {
        var step = Int((time / 0.01).rounded(.down))
        let next = Double(step + 1) * 0.01
        let spacing = Double(sign: .plus, exponent: Int(next.exponent) - 10, significand: 1)
        if next - time <= spacing / 2 + 1e-12 { step += 1 }
        if step < 100 { expected.insert(step * 700 + unit) }
      }
      let values = part[index]
      let got = Set(values.indices.filter { values[$0] == 1 })
      #expect(got == expected, "sample \(sample): \(got.symmetricDifference(expected).count)")
    }
    let few = "{\"file\": \"\(path)\", \"events\": {\"steps\": 100, \"units\": 700}}"
    #expect(refusal(few, outputs: 2).contains("expected 2 classes, one for each neuron"))
    #expect(
      refusal("{\"file\": \"\(path)\"}", outputs: 3)
        .contains("expected data.events with the steps and units"))
  }

  /// What NIR records: on a grid, and as events of the same node.
  @Test func recordings() throws {
    let path = try shared("nirdata.h5")
    let labels = scratch.path("labels.npy")
    try NumPyArray(shape: [3], [0, 1, 0] as [Int32]).write(to: labels)
    func dataset(_ observable: String, timeStep: Double = 1e-3) throws -> Dataset {
      let data = """
        {"file": "\(path)", "input": "\(observable)", "target_file": "\(labels)"}
        """
      return try Job(configuration(data, outputs: 2, timeStep: timeStep)).data.training.plain
    }
    let grid = try dataset("input/spikes")
    #expect(grid.shape == [3, 20, 6] && grid.isSpiking && grid.labels?.labels == [0, 1, 0])
    let events = try dataset("lif1/spikes")
    #expect(events.shape == [3, 20, 6])
    let file = try HDF5File(contentsOf: path)
    let place = "/nodes/lif1/observables/spikes"
    let indices = try file.dataset("\(place)/idx").readIntegers()
    let times = try file.dataset("\(place)/time").readDoubles()
    var expected = [Float](repeating: 0, count: 360)
    for event in indices.indices where indices[event] >= 0 {
      let step = Int((times[event] * 1000 + 1e-9).rounded(.down))
      expected[(event / 40 * 20 + step) * 6 + indices[event]] = 1
    }
    #expect((0..<3).flatMap { events[$0] } == expected)
    #expect(try !dataset("lif1/membrane").isSpiking)
    let other = #expect(throws: JobError.self) { try dataset("input/spikes", timeStep: 1e-4) }
    #expect(other?.description.contains("expected steps of 0.0001 s") == true)
    let unknown = #expect(throws: JobError.self) { try dataset("spikes") }
    #expect(
      unknown?.description.contains("it holds input/spikes, lif1/membrane, lif1/spikes") == true)
  }

  @Test func damagedEventFilesAreRefused() throws {
    let path = scratch.path("short.bin")
    try Data([1, 2, 3, 4]).write(to: URL(fileURLWithPath: path))
    let error = #expect(throws: SpindleError.self) { try SensorEvents(contentsOf: path) }
    #expect(error?.description.contains("events of 5 bytes each, found 4 bytes") == true)
    // Every .h5 file that some byte spoils is read or refused, and no other thing happens.
    let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: shared("nirdata.h5"))))
    var random = SplitMix64(seed: 5)
    for _ in 0..<300 {
      var changed = bytes
      for _ in 0..<3 {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        changed[place] = .random(in: 0...255, using: &random)
      }
      guard let file = try? HDF5File(bytes: changed) else { continue }
      _ = try? NIRRecording(file, observable: "lif1/spikes", path: "x.h5").events()
      _ = try? NIRRecording(file, observable: "input/spikes", path: "x.h5")
        .dataset(timeStep: 1e-3, targets: .none)
    }
  }
}
