import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// SIGINT as a flag: the first asks the running job to end with what it has, the second ends the
/// process as usual.
enum Interrupt {
  private static let flag = Atomic<Bool>(false)

  /// Whether the user asked to end.
  static var isRequested: Bool { flag.load(ordering: .relaxed) }

  /// Begins to listen.
  static func listen() {
    // Touches the flag here: a handler may not be the first to initialise it.
    flag.store(false, ordering: .relaxed)
    _ = signal(SIGINT) { _ in
      Interrupt.flag.store(true, ordering: .relaxed)
      _ = signal(SIGINT, SIG_DFL)
    }
  }
}
