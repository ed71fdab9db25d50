/// One set of axes inside a figure, placed in pixels from the figure's top left corner.
struct Panel {
  /// One axis: its label, range and the distance of its ticks.
  struct Axis {
    let label: String
    let range: ClosedRange<Double>
    let tick: Double
    /// Whether the first value stands on top, as the first row of a matrix does.
    var isReversed = false
    /// Where the first tick stands.
    var origin = 0.0

    /// First, distance and last: without the last gnuplot draws one a little beyond the range.
    var ticks: String {
      let count = ((range.upperBound - origin) / tick + 1e-9).rounded(.down)
      return "\(origin), \(tick), \(origin + max(0, count) * tick)"
    }
  }

  let title: String
  let left: Int
  let top: Int
  let width: Int
  let height: Int
  let x: Axis
  let y: Axis
  /// Pixels from the y axis to the middle of its label: gnuplot itself would guess, badly.
  var labelGap = 44
  /// Pixels from the top of the axes to the middle of the title.
  var titleGap = 12

  /// Colour of all text and lines; the page replaces it by its own ink.
  static let ink = "#1f2328"
  /// Grey of lines that are to be seen on light and on dark.
  static let quiet = "#8c959f"

  /// Commands that start the panel, independent of what was drawn before.
  func commands(width figureWidth: Int, height figureHeight: Int) -> String {
    let place = Place(width: figureWidth, height: figureHeight)
    return """
      reset
      set encoding utf8
      set minussign
      set datafile missing 'NaN'
      set border 3 linecolor rgb '\(Self.ink)' linewidth 0.8
      set tics out nomirror scale 0.5 textcolor rgb '\(Self.ink)'
      set format '%g'
      set lmargin at screen \(place.x(left))
      set rmargin at screen \(place.x(left + width))
      set tmargin at screen \(place.y(top))
      set bmargin at screen \(place.y(top + height))
      set label 1 "{/:Bold \(title)}" at \(place.at(left, top - titleGap)) \
      textcolor rgb '\(Self.ink)'
      set label 2 "\(y.label)" at \(place.at(left - labelGap, top + height / 2)) \
      center rotate by 90 textcolor rgb '\(Self.ink)'
      set xlabel "\(x.label)" offset 0, 0.3 textcolor rgb '\(Self.ink)'
      set xrange \(Self.bounds(x))
      set yrange \(Self.bounds(y))
      set xtics \(x.ticks)
      set ytics \(y.ticks)
      unset key
      unset colorbox

      """
  }

  /// Names of lines in their own colours, in one row above the panel and ending at its right:
  /// unlike a key it needs no room that the title may take.
  func legend(
    _ entries: [(text: String, colour: String, width: Int)], width: Int, height: Int
  ) -> String {
    let place = Place(width: width, height: height)
    var right = left + self.width
    var commands = ""
    for (index, entry) in entries.enumerated().reversed() {
      commands += "set label \(index + 10) \"\(entry.text)\" right"
      commands += " at \(place.at(right, top - titleGap)) textcolor rgb '\(entry.colour)'\n"
      right -= entry.width
    }
    return commands
  }

  /// A colour bar at the panel's right.
  func colourBar(_ range: ClosedRange<Double>, width figureWidth: Int, height figureHeight: Int)
    -> String
  {
    let x = Double(left + width + 10) / Double(figureWidth)
    let y = 1 - Double(top + height) / Double(figureHeight)
    let thickness = 10 / Double(figureWidth)
    let tick = Ticks.step(span: range.span, atMost: max(2, height / 28))
    return """
      set colorbox vertical user origin screen \(x), \(y) size screen \(thickness), \
      \(Double(height) / Double(figureHeight)) noborder
      set cbrange [\(range.lowerBound):\(range.upperBound)]
      set cbtics out scale 0.3 offset -0.6, 0 \(tick)

      """
  }

  private static func bounds(_ axis: Axis) -> String {
    let (low, high) = (axis.range.lowerBound, axis.range.upperBound)
    return axis.isReversed ? "[\(high):\(low)]" : "[\(low):\(high)]"
  }
}

/// Pixels of a figure, from its top left corner, as gnuplot's screen coordinates.
struct Place {
  let width: Int
  let height: Int

  func x(_ pixel: Int) -> Double { Double(pixel) / Double(width) }
  func y(_ pixel: Int) -> Double { 1 - Double(pixel) / Double(height) }
  func at(_ across: Int, _ down: Int) -> String { "screen \(x(across)), \(y(down))" }
}

/// Colours of heat maps, readable without colour vision.
enum Palette: String {
  /// Viridis, for values.
  case sequential = """
    set palette defined (0 '#440154', 1 '#482878', 2 '#3e4989', 3 '#31688e', 4 '#26828e', \
    5 '#1f9e89', 6 '#35b779', 7 '#6ece58', 8 '#b5de2b', 9 '#fde725')

    """
  /// Magma, for errors.
  case error = """
    set palette defined (0 '#000004', 1 '#180f3d', 2 '#440f76', 3 '#721f81', 4 '#9e2f7f', \
    5 '#cd4071', 6 '#f1605d', 7 '#fd9668', 8 '#feca8d', 9 '#fcfdbf')

    """
  /// Blue, white, red, for values with a sign.
  case diverging = """
    set palette defined (0 '#053061', 1 '#2166ac', 2 '#4393c3', 3 '#92c5de', 4 '#d1e5f0', \
    5 '#f7f7f7', 6 '#fddbc7', 7 '#f4a582', 8 '#d6604d', 9 '#b2182b', 10 '#67001f')

    """
  /// Light to full blue, for densities of spikes.
  case density = "set palette defined (0 '#b6d7f2', 1 '#1f6feb')\n"
}
