/// Which step of a window a time belongs to that was rounded when it was written.
///
/// An event at the beginning of step k was meant to be at b = start + k dt. What was written may be
/// less than b, at most by
///
/// - half a spacing of the written type at b, for the rounding of the time; of decimals half a unit
///   of the last place;
/// - k times the error of dt in that type, where it is rounded down there: a writer may have
///   multiplied in its own type, as in float32(k) float32(dt);
/// - k halves of the spacing of Double at dt, and one at start: the window has these in Double, not
///   as the decimals that were meant;
/// - a spacing of Double at b, for a unit of time of the writer's, such as microseconds times 1e-6,
///   and for the subtraction of start.
///
/// A time within that below b is of step k, any other of the step that it lies in.
struct EventEdges {
  private let window: EventWindow
  private let precision: TimePrecision
  /// What the times were rounded to before they were given the type that they have now; nil where
  /// nothing shows it.
  private let narrow: TimePrecision?
  /// What a time may be less than its step's beginning, in steps, at most: a time that is clear of
  /// the edges by more is of the step that it lies in. At least 1 where nothing is known.
  private let slack: Double
  /// Whether neighbours of the type are less than a step apart everywhere in the window.
  private let isFineEverywhere: Bool
  /// Coarser decimals may well be times within steps: they are taken as they stand.
  private static let coarsestDecimal = 1.0 / 128

  /// The edges of a window.
  ///
  /// - Parameters:
  ///   - window: whose steps.
  ///   - precision: how exactly the times were written.
  ///   - looksLikeFloat32: whether times of a wider type are all numbers of float32.
  init(_ window: EventWindow, _ precision: TimePrecision, looksLikeFloat32: Bool) {
    self.window = window
    self.precision = precision
    narrow = precision.isNarrow || !looksLikeFloat32 ? nil : .float32
    let end = window.start + Double(window.steps) * window.timeStep
    let largest = max(window.start.magnitude, end.magnitude)
    isFineEverywhere = !precision.isNarrow || precision.spacing(at: largest) <= window.timeStep
    let ulps = Double(window.steps) * window.timeStep.ulp + 4 * largest.ulp
    if case .decimals = precision {
      slack = 1
    } else {
      slack =
        (precision.rounding(window, at: largest) + (narrow?.rounding(window, at: largest) ?? 0)
          + ulps) / window.timeStep
    }
  }

  /// How close to an edge a quotient of times may be wrong by its own rounding, of up to 2^30 steps.
  private static let roundingOfQuotients = 1e-6

  /// The step of a time; nil outside.
  ///
  /// - Throws: where neighbours of the type are so far apart that they skip steps.
  func step(of time: Double) throws(SpindleError) -> Int? {
    let quotient = ((time - window.start) / window.timeStep).rounded(.down)
    guard quotient >= -1, quotient <= Double(window.steps) else { return nil }
    var step = Int(quotient)
    let fraction = (time - window.start) / window.timeStep - quotient
    if isFineEverywhere, fraction > Self.roundingOfQuotients,
      fraction + slack + Self.roundingOfQuotients < 1
    {
      return (0..<window.steps).contains(step) ? step : nil
    }
    // The quotient is rounded, too: 0.029 / 0.001 is below 29, although 29 * 0.001 is 0.029.
    if reaches(step + 1, time) {
      step += 1
    } else if !reaches(step, time) {
      step -= 1
    }
    guard (0..<window.steps).contains(step) else { return nil }
    let spacing = precision.spacing(at: time)
    guard !precision.isNarrow || spacing <= window.timeStep else {
      throw .invalidValue(
        what: "the events' times",
        expected: "exact to a step of \(window.timeStep) s, as float64 is",
        got: "\(precision), whose neighbours at \(time) s are \(spacing) s apart")
    }
    return step
  }

  /// Whether a time is of this step or a later one.
  private func reaches(_ step: Int, _ time: Double) -> Bool {
    // One rounding, of a difference that is small where it matters.
    let behind = (time - window.start).addingProduct(-Double(step), window.timeStep)
    return behind >= 0 || behind >= -tolerance(step)
  }

  /// How much less than its beginning a time of a step may be.
  private func tolerance(_ step: Int) -> Double {
    let count = Double(max(step, 0))
    let beginning = window.start + count * window.timeStep
    let decimal = precision.halfDecimal(at: beginning)
    var written = precision.rounding(window, count, at: beginning)
    if decimal <= Self.coarsestDecimal * window.timeStep { written += decimal }
    if let narrow, narrow.spacing(at: beginning) <= window.timeStep / 2 {
      written += narrow.rounding(window, count, at: beginning)
    }
    // A time that a coarse type wrote is of the nearest beginning, not of one behind that.
    return min(written, window.timeStep / 2) + count * (window.timeStep.ulp / 2)
      + window.start.ulp / 2 + beginning.ulp
  }

}

extension TimePrecision {
  /// What rounding in this type takes away of a time, at most.
  ///
  /// - Parameters:
  ///   - window: of the steps that were written.
  ///   - count: steps before the time; nil for all.
  ///   - time: the time, or one that is farther from 0.
  fileprivate func rounding(
    _ window: EventWindow, _ count: Double? = nil, at time: Double
  ) -> Double {
    spacing(at: time) / 2
      + (count ?? Double(window.steps)) * max(0, window.timeStep - rounded(window.timeStep))
  }
}

extension EventTable {
  /// Whether times of another type are all numbers of float32, as far as their decimals show, and
  /// some show it.
  var looksLikeFloat32: Bool {
    var isShown = false
    for time in times where time != 0 {
      let half = precision.halfDecimal(at: time)
      // Decimals that are no finer than float32 show nothing.
      if half > TimePrecision.float32.spacing(at: time) / 4 { continue }
      guard (time - Double(Float(time))).magnitude <= half + (half > 0 ? time.ulp : 0) else {
        return false
      }
      isShown = true
    }
    return isShown
  }
}
