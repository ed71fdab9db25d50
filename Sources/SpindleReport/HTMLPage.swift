/// The page: title, table, figures, configuration, links to the numbers.
struct HTMLPage {
  let report: TrainingReport
  /// Heading, caption and inline SVG of each figure.
  let figures: [(figure: Figure, svg: String)]
  /// Why there are no figures.
  let advice: String?
  /// The files of numbers beside the page.
  let numbers: [String]

  var text: String {
    let title = HTML.escaped(report.title)
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(title)</title>
      <style>
      \(HTML.style)
      </style>
      </head>
      <body>
      <h1>\(title)</h1>
      \(table)\(note)\(warnings)\(sections)\(configuration)\(footer)</body>
      </html>

      """
  }

  private var table: String {
    guard !report.summary.isEmpty else { return "" }
    let isCompared = report.summary.contains { $0.published != nil }
    let heads = ["Quantity", isCompared ? "Ours" : "Value"] + (isCompared ? ["Published"] : [])
    let rows = report.summary.map { row in
      let published = isCompared ? "<td>\(HTML.escaped(row.published ?? ""))</td>" : ""
      return "<tr><th scope=\"row\">\(HTML.escaped(row.label))</th>"
        + "<td>\(HTML.escaped(row.ours))</td>\(published)</tr>\n"
    }
    return "<table>\n<thead><tr>" + heads.map { "<th scope=\"col\">\($0)</th>" }.joined()
      + "</tr></thead>\n<tbody>\n" + rows.joined() + "</tbody>\n</table>\n"
  }

  private var note: String {
    advice.map { "<p class=\"note\">\(HTML.escaped($0))</p>\n" } ?? ""
  }

  private var warnings: String {
    guard !report.warnings.isEmpty else { return "" }
    let items = report.warnings.map { "<li>\(HTML.escaped($0))</li>\n" }.joined()
    return "<h2>Warnings</h2>\n<ul>\n\(items)</ul>\n"
  }

  private var sections: String {
    figures.map { figure, svg in
      """
      <h2>\(HTML.escaped(figure.heading))</h2>
      <figure>
      \(svg)
      <figcaption>\(HTML.escaped(figure.caption))</figcaption>
      </figure>

      """
    }.joined()
  }

  private var configuration: String {
    guard !report.configuration.isEmpty else { return "" }
    let lines = report.configuration.map(HTML.escaped).joined(separator: "\n")
    return "<h2>Configuration</h2>\n<pre>\(lines)</pre>\n"
  }

  private var footer: String {
    let links = numbers.map { "<a href=\"\($0)\">\($0)</a>" }.joined(separator: ", ")
    return "<footer>The numbers behind this page: \(links).</footer>\n"
  }
}
