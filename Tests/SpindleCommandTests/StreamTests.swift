import Foundation
import Spindle
import Testing

/// `spindle stream`: input from standard input, outputs as they come.
struct StreamTests {
  /// A network file: 3 inputs, neurons that fire for strong input, and integrators above them.
  private static func network(
    integrators: Bool, in scratch: Scratch
  ) throws -> (network: Network, path: String) {
    var layers: [Layer] = [
      .lif(
        5, tau: 0.02, recurrence: .rc(),
        connection: Connection(weights: .normal(mean: 0.6, standardDeviation: 0.4)))
    ]
    if integrators { layers.append(.li(2, tau: 0.02)) }
    let network = try Network(inputs: 3, layers: layers, seed: 3)
    let path = scratch.path("network.safetensors")
    try network.save(to: path)
    return (network, path)
  }

  /// 200 rows of three numbers, and the same as the rows of a run.
  private static func rows(analog: Bool) -> [[Float]] {
    (0..<200).map { step in
      (0..<3).map { unit in
        let place = (step * 3 + unit) * 7919 % 101
        return analog ? Float(place) / 64 : place < 40 ? 1 : 0
      }
    }
  }

  @Test(arguments: [false, true])
  func rowsGiveWhatOneRunGives(integrators: Bool) throws {
    let scratch = try Scratch()
    let (network, path) = try Self.network(integrators: integrators, in: scratch)
    for analog in [false, true] {
      let rows = Self.rows(analog: analog)
      let input = scratch.path("rows.csv")
      let text = "a,b,c\n" + rows.map { $0.map { "\($0)" }.joined(separator: ",") + "\n" }.joined()
      try text.write(toFile: input, atomically: true, encoding: .utf8)
      let run = try Command(shell: "\"$SPINDLE\" stream '\(path)' < '\(input)'")
      run.expectSuccess()
      let recording = try network.run(
        try Input(rows.flatMap { $0 }, batch: 1, steps: rows.count, units: 3))
      let values = integrators ? recording.membrane : recording.spikes
      let lines = run.output.split(separator: "\n")
      #expect(lines.count == rows.count)
      for (step, line) in lines.enumerated() {
        let got = line.split(separator: ",").map { Float($0) }
        let expected = (0..<network.outputs).map { values[0, step, $0] }
        #expect(got == expected, "step \(step)")
      }
    }
  }

  @Test func eventsBecomeSteps() throws {
    let scratch = try Scratch()
    let (network, path) = try Self.network(integrators: false, in: scratch)
    // At the beginning of step 29, which 0.029 / 0.001 falls short of; two of a step; a gap.
    let events = "time,unit\n0.0005,0\n0.0007,2\n0.004,1\n0.029,0\n0.0291,1\n"
    var train = try SpikeTrain(batch: 1, steps: 30, units: 3)
    for (step, unit) in [(0, 0), (0, 2), (4, 1), (29, 0), (29, 1)] { train[0, step, unit] = true }
    let run = try Command(
      shell: "printf '\(events)' | \"$SPINDLE\" stream '\(path)' --events --output membrane")
    run.expectSuccess()
    let expected = try network.run(.spikes(train)).membrane
    let got = run.output.split(separator: "\n").map { $0.split(separator: ",").map { Float($0) } }
    #expect(got.count == 30)
    for step in 0..<min(got.count, 30) {
      #expect(got[step] == (0..<5).map { expected[0, step, $0] }, "step \(step)")
    }
  }

  @Test func badLinesAreRefused() throws {
    let scratch = try Scratch()
    let (_, path) = try Self.network(integrators: true, in: scratch)
    for (text, options, words) in [
      ("1,2\\n", "", "line 1: expected 3 numbers, found 2"),
      ("1;2;3\\n", "", "line 1: expected commas"),
      ("1,2,nan\\n", "", "line 1: expected a finite number"),
      ("0.5,3\\n", "--events", "line 1: expected a unit from 0 to 2"),
      ("-1,0\\n", "--events", "line 1: expected a time from 0 s on"),
      ("", "--output spikes", "--output must be membrane"),
    ] {
      let run = try Command(
        shell: "printf '%b' '\(text)' | \"$SPINDLE\" stream '\(path)' \(options)")
      run.expectRefusal(words)
      #expect(run.status == 2)
    }
    let falling = try Command(
      shell: "printf '0.5,1\\n0.1,1\\n' | \"$SPINDLE\" stream '\(path)' --events")
    #expect(falling.status == 2 && falling.error.contains("line 2: expected times that do not"))
    let late = try Command(
      shell: "printf '1,0,1\\n0,0,0\\n1,x,1\\n' | \"$SPINDLE\" stream '\(path)'")
    #expect(
      late.status == 2 && late.error.contains("line 3: expected a finite number, found \"x\""))
    #expect(late.output.split(separator: "\n").count == 2)
    try Command(["stream", scratch.path("none.safetensors")]).expectRefusal("none.safetensors")
  }

  /// Outputs come while the input is still open; Control-C ends it with the statistics.
  @Test func endsOnControlC() throws {
    let scratch = try Scratch()
    let (_, path) = try Self.network(integrators: true, in: scratch)
    let run = try Command(
      shell: """
        mkfifo '\(scratch.path("pipe"))'
        "$SPINDLE" stream '\(path)' --realtime < '\(scratch.path("pipe"))' > '\(scratch.path("out"))' &
        child=$!
        exec 3> '\(scratch.path("pipe"))'
        printf '1,0,1\\n0,1,0\\n' >&3
        for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
          sleep 0.1; [ "$(wc -l < '\(scratch.path("out"))')" = 2 ] && break
        done
        kill -INT $child
        wait $child
        echo "status $?"
        wc -l < '\(scratch.path("out"))'
        """)
    #expect(run.output.split(separator: "\n").map(String.init) == ["status 0", "2"])
    #expect(run.error.hasPrefix("latency of 2 steps: median "), "\(run.error)")
    #expect(run.error.contains(" us, p99 ") && run.error.contains("worst"), "\(run.error)")
  }

  /// A reader that wants no more ends it, without a word.
  @Test func endsOnAClosedPipe() throws {
    let scratch = try Scratch()
    let (_, path) = try Self.network(integrators: true, in: scratch)
    let run = try Command(
      shell: "{ yes 1,0,1 | \"$SPINDLE\" stream '\(path)'; echo status $? >&2; } | head -n 5")
    #expect(run.output.split(separator: "\n").count == 5)
    #expect(run.error == "status 141\n", "\(run.error)")
  }

  /// The memory after many rows is that after few.
  @Test func keepsItsMemory() throws {
    let scratch = try Scratch()
    let (_, path) = try Self.network(integrators: true, in: scratch)
    func peak(_ rows: Int) throws -> Int {
      let run = try Command(
        shell: """
          { yes 1,0,1 | head -n \(rows); sleep 0.3; } | {
            exec 4<&0
            "$SPINDLE" stream '\(path)' <&4 > /dev/null & child=$!
            while kill -0 $child 2> /dev/null; do
              grep VmHWM /proc/$child/status > '\(scratch.path("peak")).new' 2> /dev/null \
                && mv '\(scratch.path("peak")).new' '\(scratch.path("peak"))'
              sleep 0.05
            done
          }
          tr -dc 0-9 < '\(scratch.path("peak"))'
          """,
        // What is freed counts as used while AddressSanitizer watches it.
        environment: ["ASAN_OPTIONS": "quarantine_size_mb=1"])
      return try #require(Int(run.output), "\(run.output) \(run.error)")
    }
    let (few, many) = (try peak(1000), try peak(60_000))
    #expect(many < few + 4000, "\(few) kB after 1000 rows, \(many) kB after 60000")
  }
}
