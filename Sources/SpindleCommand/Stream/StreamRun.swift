import Spindle

/// What a stream prints of the last layer at each step.
enum StreamOutput: String, CaseIterable {
  case spikes, membrane
}

/// A network that runs on what comes from standard input. Nothing of it grows with the number of
/// steps.
struct StreamRun: ~Copyable {
  private var stepper: Stepper
  private var output: Stepper.Output
  private var parser: StreamParser
  private var input = StandardInput()
  private let units: Int
  private let quantity: StreamOutput
  /// Nil where nobody asked.
  private(set) var latencies: Latencies?
  /// Of a stream of events: those of the step under way, and its number.
  private var events: SpikeTrain
  private var step = 0
  private var hasEvents = false
  /// Rows that wait to be written.
  private var text = ""

  init(
    _ network: Network, quantity: StreamOutput, measures: Bool, execution: Execution
  ) throws(SpindleError) {
    let events = try SpikeTrain(batch: 1, steps: 1, units: network.inputs)
    let stepper = try Stepper(network, execution: execution)
    output = stepper.emptyOutput
    self.stepper = stepper
    units = network.inputs
    parser = StreamParser(units: units, timeStep: network.description.timeStep)
    self.events = events
    self.quantity = quantity
    latencies = measures ? Latencies() : nil
  }

  /// Runs until the end, or until the user asks to end; writes what came of the lines before one that
  /// is refused.
  mutating func run(events isOfEvents: Bool) throws {
    do {
      if isOfEvents { try runEvents() } else { try runRows() }
    } catch let error as SpindleError {
      try flush()
      throw error
    }
    try flush()
  }

  /// Takes a step for each line.
  private mutating func runRows() throws {
    while let line = try input.next() {
      guard let row = try parser.row(line) else { continue }
      try take(try Input(row, batch: 1, steps: 1, units: units))
      if !input.hasLine() { try flush() }
    }
  }

  /// Takes a step for each time step, when the first event of a later one has come; the last at the
  /// end.
  private mutating func runEvents() throws {
    while let line = try input.next() {
      if let event = try parser.event(line) { try add(event) }
      if !input.hasLine() { try flush() }
    }
    if hasEvents && !Interrupt.isRequested { try take(.spikes(events)) }
  }

  private mutating func add(_ event: (step: Int, unit: Int)) throws {
    guard event.step >= step else {
      throw parser.error("expected times that do not fall, found one of a step before the last")
    }
    while step < event.step {
      if Interrupt.isRequested { return }
      try take(.spikes(events))
      if hasEvents { events = try SpikeTrain(batch: 1, steps: 1, units: units) }
      hasEvents = false
      step += 1
    }
    events[0, 0, event.unit] = true
    hasEvents = true
  }

  private mutating func take(_ input: Input) throws {
    try stepper.step(input, into: &output)
    append(quantity == .spikes ? output.spikes : output.membrane)
    guard latencies != nil else {
      // A long gap between events makes many rows.
      if text.utf8.count > 1 << 16 { try flush() }
      return
    }
    try flush()
    latencies?.add((ContinuousClock.now - self.input.arrival) / .seconds(1))
  }

  private mutating func append(_ values: [Float]) {
    for (index, value) in values.enumerated() {
      if index > 0 { text += "," }
      text += quantity == .spikes ? (value == 0 ? "0" : "1") : "\(value)"
    }
    text += "\n"
  }

  private mutating func flush() throws {
    guard !text.isEmpty else { return }
    try StandardOutput.print(text, terminator: "")
    text.removeAll(keepingCapacity: true)
  }
}
