/// One figure: what gnuplot is told, and what the page says about it.
struct Figure {
  /// The names of all figures that a report may have, in the order of the page.
  static let names = [
    "target", "loss", "accuracy", "rates", "confusion", "evaluation", "activity", "classes",
    "membrane",
    "weights",
  ]

  /// The file's name without its extension, and the prefix of its data blocks.
  let name: String
  let heading: String
  let caption: String
  /// Size in pixels of the SVG; the PNG has twice as many each way.
  let width: Int
  let height: Int
  /// Data blocks, defined once for both files.
  var data = ""
  /// Images as binary files for gnuplot: as text they would take it most of its time.
  var images: [(file: String, values: [Float])] = []
  /// The drawing commands, run once for each file.
  var drawing = ""

  /// Defines the data block `$name_suffix` of lines of text and returns its name.
  mutating func define(_ suffix: String, _ lines: some Sequence<String>) -> String {
    let block = "$\(name)_\(suffix)"
    data += "\(block) << END_OF_DATA\n"
    for line in lines {
      data += line
      data += "\n"
    }
    data += "END_OF_DATA\n"
    return block
  }

  /// Starts a panel: nothing of an earlier panel is left.
  mutating func begin(_ panel: Panel) {
    drawing += panel.commands(width: width, height: height)
  }

  /// The files of the figure.
  var files: [String] { [name + ".svg", name + ".png"] }
}
