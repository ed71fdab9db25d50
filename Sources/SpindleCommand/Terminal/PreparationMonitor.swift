import Dispatch
import Synchronization

/// Tells on standard error what is being prepared, where that takes long: after a while, sooner
/// where a person watches, and then now and then again.
final class PreparationMonitor {
  /// What is being done, for the thread that reports it.
  private final class Stage: Sendable {
    let text = Mutex<String?>(nil)
  }

  private let stage = Stage()
  private let timer = DispatchSource.makeTimerSource(queue: .global())

  /// Begins to tell, unless it is to be quiet.
  init(isQuiet: Bool) {
    let delay = StandardError.terminalWidth == nil ? 20.0 : 3
    timer.schedule(deadline: .now() + delay, repeating: 30)
    timer.setEventHandler { [stage] in
      guard !isQuiet, let text = stage.text.withLock({ $0 }) else { return }
      StandardError.print("\(text) ...")
    }
    timer.resume()
  }

  deinit { timer.cancel() }

  /// What is done from now on.
  func begin(_ text: String) { stage.text.withLock { $0 = text } }

  /// All is prepared.
  func finish() { stage.text.withLock { $0 = nil } }
}
