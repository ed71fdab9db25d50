import Foundation

/// Amends the SVG that gnuplot writes.
enum SVGText {
  /// For a file of its own: crisp cells in heat maps, fonts that exist everywhere, no tooltips.
  static func standalone(_ text: String) -> String {
    text
      .replacingOccurrences(of: "<image ", with: "<image style='image-rendering:pixelated' ")
      .replacingOccurrences(
        of: "font-family=\"Helvetica\"", with: "font-family=\"Helvetica, Arial, sans-serif\""
      )
      .replacingOccurrences(
        of: "<title>[a-z]+_plot_[0-9a-z]+</title>", with: "", options: .regularExpression)
  }

  /// For the page, from the standalone text: no background, the page's ink, names of its own.
  static func inline(_ text: String, name: String, label: String) -> String {
    var text = text
    if let start = text.range(of: "<svg") { text.removeSubrange(..<start.lowerBound) }
    let replacements = [
      ("<svg ", "<svg role=\"img\" aria-label=\"\(HTML.escaped(label))\" "),
      (" color=\"black\"", ""), (" color=\"#FFFFFF\"", ""),
      ("\"black\"", "\"currentColor\""),
      ("rgb( 31,  35,  40)", "currentColor"), ("rgb(31,35,40)", "currentColor"),
      ("id='gp", "id='\(name)-gp"), ("#gp", "#\(name)-gp"),
      ("id='textbox'", "id='\(name)-textbox'"), ("id='greybox'", "id='\(name)-greybox'"),
      ("id=\"gnuplot_canvas\"", "id=\"\(name)-canvas\""),
    ]
    for (old, new) in replacements { text = text.replacingOccurrences(of: old, with: new) }
    return text.replacingOccurrences(
      of: "<rect x=\"0\" y=\"0\" [^>]*fill=\"#ffffff\"/>", with: "", options: .regularExpression)
  }
}
