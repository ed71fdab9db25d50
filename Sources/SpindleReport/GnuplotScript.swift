/// The scripts that draw all figures, one for each kind of file: two processes take half the time.
enum GnuplotScript {
  static func all(_ figures: [Figure]) -> [String] {
    let data = figures.map(\.data).joined()
    return [svg, png].map { terminal in
      data + figures.map { terminal($0) + panels($0) }.joined()
    }
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
