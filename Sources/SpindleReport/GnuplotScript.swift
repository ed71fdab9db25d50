/// The script that draws all figures: their data once, then each figure as SVG and as PNG.
enum GnuplotScript {
  static func text(_ figures: [Figure]) -> String {
    var text = figures.map(\.data).joined()
    for figure in figures {
      text += svg(figure) + panels(figure) + png(figure) + panels(figure)
    }
    return text
  }

  private static func panels(_ figure: Figure) -> String {
    "set multiplot\n" + figure.drawing + "unset multiplot\nunset output\n"
  }

  private static func svg(_ figure: Figure) -> String {
    """
    set terminal svg size \(figure.width),\(figure.height) dynamic font 'Helvetica,12' \
    background rgb '#ffffff' name '\(figure.name)'
    set output '\(figure.name).svg'

    """
  }

  private static func png(_ figure: Figure) -> String {
    """
    set terminal pngcairo size \(2 * figure.width),\(2 * figure.height) font 'Helvetica,9' \
    fontscale 2 linewidth 2 pointscale 2 background rgb '#ffffff'
    set output '\(figure.name).png'

    """
  }
}
