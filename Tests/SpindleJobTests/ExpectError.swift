import SpindleJob
import Testing

/// Expects a typed error whose text contains these words.
func expectError(
  _ words: String, _ location: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) {
  let error = #expect(throws: JobError.self, sourceLocation: location) { try body() }
  let text = error?.description ?? ""
  #expect(text.contains(words), "\(text)", sourceLocation: location)
}
