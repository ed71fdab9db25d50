import SpindleFiles

/// Text of the user's in a gnuplot script.
enum GnuplotText {
  /// Characters that are shown.
  private static let longest = 24

  /// In single quotes, in which nothing but the quote itself is special: no escapes, and no shell
  /// commands in backquotes. The quote becomes the typographic one: gnuplot's labels of ticks lose what
  /// follows two in a row, however they are written.
  static func quoted(_ text: String) -> String {
    var result = ""
    for scalar in printableLine(text).unicodeScalars.prefix(longest) {
      result += scalar == "'" ? "\u{2019}" : String(scalar)
    }
    return "'\(result)'"
  }

  /// As the label of a tick, which gnuplot takes for a format of the tick's number.
  static func tick(_ text: String) -> String {
    quoted(text).replacing("%", with: "%%")
  }
}
