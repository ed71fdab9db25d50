import Spindle
import Testing

/// Running a sequence step by step.
struct StepperTests {
  @Test(arguments: seeds(from: 10_000, 60))
  func equalsTheWholeSequence(seed: UInt64) throws {
    let test = try RandomCase(seed: seed)
    let whole = try test.network.run(test.input)
    var stepper = try Stepper(test.network, batch: test.batch)
    var state = stepper.initialState
    for step in 0..<test.steps {
      let output = try stepper.step(try test.input(at: step), &state)
      try expectSame(output, whole, step)
    }
  }

  /// A step into an output that was there before gives the same.
  @Test(arguments: seeds(from: 10_500, 10))
  func stepsInPlace(seed: UInt64) throws {
    let test = try RandomCase(seed: seed)
    let whole = try test.network.run(test.input)
    var stepper = try Stepper(test.network, batch: test.batch)
    var state = stepper.initialState
    var output = stepper.emptyOutput
    for step in 0..<test.steps {
      try stepper.step(try test.input(at: step), &state, into: &output)
      try expectSame(output, whole, step)
    }
    let other = try Stepper(test.network, batch: test.batch + 1)
    var foreign = other.emptyOutput
    let input = try test.input(at: 0)
    #expect(throws: SpindleError.self) { try stepper.step(input, &state, into: &foreign) }
  }

  /// A step into buffers of the caller's gives the same; buffers of another size are refused.
  @Test(arguments: seeds(from: 10_600, 10))
  func writesIntoBuffers(seed: UInt64) throws {
    let test = try RandomCase(seed: seed)
    let whole = try test.network.run(test.input)
    var stepper = try Stepper(test.network, batch: test.batch)
    let count = test.batch * test.network.outputs
    var spikes = [Float](repeating: -1, count: count)
    var membrane = [Float](repeating: -1, count: count)
    for step in 0..<test.steps {
      let input = try test.input(at: step)
      var s = spikes.mutableSpan
      var v = membrane.mutableSpan
      try stepper.step(input, spikes: &s, membrane: &v)
      for (sample, place) in stride(from: 0, to: count, by: test.network.outputs).enumerated() {
        for n in 0..<test.network.outputs {
          #expect(spikes[place + n] == whole.spikes[sample, step, n], "step \(step)")
          #expect(membrane[place + n] == whole.membrane[sample, step, n], "step \(step)")
        }
      }
    }
    var short = [Float](repeating: 0, count: count + 1)
    let input = try test.input(at: 0)
    do throws(SpindleError) {
      var s = spikes.mutableSpan
      var v = short.mutableSpan
      try stepper.step(input, spikes: &s, membrane: &v)
      Issue.record("a buffer of another size was taken")
    } catch {
      #expect(error.description.contains("the buffer of membranes"), "\(error)")
    }
  }

  /// A stream whose state stays in the stepper gives the same, after a restart too; it goes on from
  /// a step with a state outside.
  @Test(arguments: seeds(from: 10_700, 20))
  func keepsItsState(seed: UInt64) throws {
    let test = try RandomCase(seed: seed)
    let whole = try test.network.run(test.input)
    var stepper = try Stepper(test.network, batch: test.batch)
    var output = stepper.emptyOutput
    for _ in 0..<2 {
      for step in 0..<test.steps {
        try stepper.step(try test.input(at: step), into: &output)
        try expectSame(output, whole, step)
      }
      stepper.restart()
    }
    var state = stepper.initialState
    try stepper.step(try test.input(at: 0), &state, into: &output)
    for step in 1..<test.steps {
      try stepper.step(try test.input(at: step), into: &output)
      try expectSame(output, whole, step)
    }
  }

  /// A state is a value: a copy resumes later, in another stepper too, however often.
  @Test(arguments: seeds(from: 11_000, 20))
  func savedStateResumes(seed: UInt64) throws {
    let test = try RandomCase(seed: seed)
    let whole = try test.network.run(test.input)
    var stepper = try Stepper(test.network, batch: test.batch)
    var state = stepper.initialState
    let middle = test.steps / 2
    for step in 0..<middle { _ = try stepper.step(try test.input(at: step), &state) }
    let saved = state
    for step in middle..<test.steps { _ = try stepper.step(try test.input(at: step), &state) }
    var other = try Stepper(test.network, batch: test.batch, execution: Execution(threads: 3))
    state = saved
    for step in middle..<test.steps {
      try expectSame(try other.step(try test.input(at: step), &state), whole, step)
    }
  }

  /// Two streams through one stepper, in turn, as if each were alone.
  @Test(arguments: seeds(from: 12_000, 20))
  func streamsDoNotDisturbEachOther(seed: UInt64) throws {
    let test = try RandomCase(seed: seed)
    let reversed = test.values(of: (0..<test.batch).reversed())
    let other = try Input(
      reversed, batch: test.batch, steps: test.steps, units: test.network.inputs)
    let expected = [try test.network.run(test.input), try test.network.run(other)]
    var stepper = try Stepper(test.network, batch: test.batch)
    var states = [stepper.initialState, stepper.initialState]
    let values = [test.inputValues, reversed]
    for step in 0..<test.steps {
      for stream in 0..<2 {
        let input = try test.input(at: step, of: values[stream])
        try expectSame(try stepper.step(input, &states[stream]), expected[stream], step)
      }
    }
  }

  @Test func wrongStatesAndInputsAreErrors() throws {
    let network = try Network(
      inputs: 3,
      layers: [
        .lif(4)
      ])
    // As many numbers in all, otherwise divided.
    let other = try Network(
      inputs: 3,
      layers: [
        .lif(2),
        .lif(2),
      ])
    var stepper = try Stepper(network, batch: 2)
    let good = Input.spikes(try SpikeTrain(batch: 2, steps: 1, units: 3))
    let foreignStates = [
      try Stepper(network, batch: 1).initialState, try Stepper(other, batch: 2).initialState,
    ]
    for foreign in foreignStates {
      var state = foreign
      #expect(throws: SpindleError.self) { try stepper.step(good, &state) }
      #expect(state == foreign, "a refused step leaves the state")
    }
    var state = stepper.initialState
    for (batch, steps, units) in [(1, 1, 3), (2, 2, 3), (2, 1, 4)] {
      let input = Input.spikes(try SpikeTrain(batch: batch, steps: steps, units: units))
      #expect(
        throws: SpindleError.shapeMismatch(
          what: "the input [B, T, I]", expected: [2, 1, 3], got: [batch, steps, units])
      ) { try stepper.step(input, &state) }
    }
    _ = try stepper.step(good, &state)
  }

  private func expectSame(_ output: Stepper.Output, _ whole: Recording, _ step: Int) throws {
    for (name, got, tensor) in [
      ("spikes", output.spikes, whole.spikes), ("membrane", output.membrane, whole.membrane),
    ] {
      let (batch, neurons) = (tensor.shape[0], tensor.shape[2])
      let expected = (0..<batch).flatMap { b in (0..<neurons).map { tensor[b, step, $0] } }
      let difference = firstDifference(got, expected)
      #expect(difference == nil, "step \(step), \(name)\(difference ?? "")")
    }
  }
}

extension RandomCase {
  /// The input of one step: [B, 1, I].
  func input(at step: Int, of values: [Float]? = nil) throws -> Input {
    let values = values ?? inputValues
    let units = network.inputs
    let slice = (0..<batch).flatMap { b in
      let first = (b * steps + step) * units
      return values[first..<first + units]
    }
    return try Input(slice, batch: batch, steps: 1, units: units)
  }
}
