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
    // A process inherits what its parent's thread blocks; a program's worker threads block it.
    var interrupts = sigset_t()
    _ = unsafe sigemptyset(&interrupts)
    _ = unsafe sigaddset(&interrupts, SIGINT)
    _ = unsafe pthread_sigmask(SIG_UNBLOCK, &interrupts, nil)
    _ = signal(SIGINT) { _ in
      Interrupt.flag.store(true, ordering: .relaxed)
      _ = signal(SIGINT, SIG_DFL)
    }
  }
}
