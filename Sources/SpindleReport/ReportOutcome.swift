/// What `TrainingReport.write(to:)` left behind.
public struct ReportOutcome: Sendable, Equatable {
  /// The names of the files written, inside the directory of the report.
  public var files: [String]
  /// What became of the figures.
  public var figures: FigureStatus
}

/// Whether the figures were drawn; numbers and page are written in every case.
public enum FigureStatus: Sendable, Equatable {
  /// All figures are there.
  case drawn
  /// There is no gnuplot under this name.
  case gnuplotMissing(name: String)
  /// gnuplot ran and failed, or took too long; the text is its own.
  case gnuplotFailed(message: String)

  /// One sentence for the user that says why there are no figures and what to do; nil if there are.
  public var advice: String? {
    switch self {
    case .drawn: nil
    case .gnuplotMissing(let name):
      "The figures were not drawn because \(name) was not found: install gnuplot (Debian and"
        + " Ubuntu: apt-get install gnuplot-nox; macOS: brew install gnuplot) and write the"
        + " report again."
    case .gnuplotFailed(let message):
      "The figures were not drawn because gnuplot failed: \(message)"
    }
  }
}
