import SpindleFiles

/// Text in HTML.
enum HTML {
  /// Escapes what would end a text or an attribute; control characters have no place in HTML.
  static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in printable(text).unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  /// Sober, with the reader's own fonts, on light and on dark.
  static let style = """
    :root { color-scheme: light dark; --ink: #1f2328; --paper: #ffffff; --quiet: #59636e;
      --line: #d1d9e0; }
    @media (prefers-color-scheme: dark) {
      :root { --ink: #d8dee6; --paper: #14181d; --quiet: #9198a1; --line: #3d444d; }
    }
    body { margin: 0 auto; padding: 2.5rem 1.25rem 4rem; max-width: 60rem; color: var(--ink);
      background: var(--paper); font: 1rem/1.55 system-ui, "Helvetica Neue", Helvetica, Arial,
      sans-serif; }
    h1 { font-size: 1.75rem; line-height: 1.25; font-weight: 650; margin: 0 0 1.5rem; }
    h2 { font-size: 1.2rem; font-weight: 650; margin: 2.75rem 0 0.75rem; }
    table { border-collapse: collapse; border-top: 2px solid var(--ink);
      border-bottom: 2px solid var(--ink); font-variant-numeric: tabular-nums; }
    th, td { padding: 0.25rem 1.5rem 0.25rem 0; text-align: left; vertical-align: top; }
    thead th { border-bottom: 1px solid var(--ink); font-weight: 600; }
    tbody th { font-weight: 400; }
    td:not(:first-child), th:not(:first-child) { text-align: right; padding: 0.25rem 0 0.25rem 1.5rem; }
    figure { margin: 0; }
    figure svg { display: block; width: 100%; height: auto; }
    figcaption, .note, footer { color: var(--quiet); font-size: 0.9rem; }
    figcaption { margin-top: 0.5rem; }
    .note { border-left: 3px solid var(--line); padding-left: 1rem; }
    pre { overflow-x: auto; border: 1px solid var(--line); border-radius: 4px;
      padding: 0.75rem 1rem; font: 0.85rem/1.5 ui-monospace, Menlo, Consolas, monospace; }
    footer { margin-top: 3rem; border-top: 1px solid var(--line); padding-top: 0.75rem; }
    a { color: inherit; }
    @media print { h2, figure { break-inside: avoid; break-after: avoid; } }
    """
}
