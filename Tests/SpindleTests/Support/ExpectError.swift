import Spindle
import Testing

/// Expects a typed error whose one sentence contains these words, and which was found before the C
/// core had to refuse anything.
func expectError(
  _ words: String, _ location: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) {
  do {
    try body()
    Issue.record("no error, expected one about \(words)", sourceLocation: location)
  } catch let error as SpindleError {
    let text = error.description
    #expect(text.contains(words), "\(text)", sourceLocation: location)
    #expect(!text.contains("\n"), sourceLocation: location)
    if case .engine = error {
      Issue.record("the C core had to refuse it: \(text)", sourceLocation: location)
    }
  } catch {
    Issue.record("not a SpindleError: \(error)", sourceLocation: location)
  }
}
