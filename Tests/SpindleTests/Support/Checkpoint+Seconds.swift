@testable import Spindle

extension Checkpoint {
  /// Without the wall times, which differ from run to run.
  var withoutSeconds: Checkpoint {
    var copy = self
    for index in copy.history.indices { copy.history[index].seconds = 0 }
    return copy
  }
}
