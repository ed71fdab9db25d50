import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// SIGINT, SIGTERM and SIGHUP as a flag: the first asks the running job to end with what it has, a
/// second one of the kind ends the process as usual.
enum Interrupt {
  private static let flag = Atomic<Bool>(false)
  private static let signals = [SIGINT, SIGTERM, SIGHUP]
  /// What mpirun hands on, and does not answer by killing all a second later.
  private static let launched = [SIGUSR1]

  /// Whether the user, or the machine, asked to end.
  static var isRequested: Bool { flag.load(ordering: .relaxed) }

  /// Begins to listen, or listens anew: what was asked for before is done.
  ///
  /// - Parameter isLaunched: whether mpirun started the process: SIGUSR1 then asks for the end, too.
  static func listen(isLaunched: Bool = false) {
    // Touches the flag here: a handler may not be the first to initialise it.
    flag.store(false, ordering: .relaxed)
    // A process inherits what its parent's thread blocks; a program's worker threads block it.
    var unblocked = sigset_t()
    _ = unsafe sigemptyset(&unblocked)
    for number in signals + (isLaunched ? launched : []) {
      _ = unsafe sigaddset(&unblocked, number)
      let before = signal(number) { number in
        Interrupt.flag.store(true, ordering: .relaxed)
        _ = signal(number, SIG_DFL)
      }
      // nohup and the like ask that a signal be ignored.
      if number == SIGHUP, isIgnored(before) { _ = signal(number, SIG_IGN) }
    }
    _ = unsafe pthread_sigmask(SIG_UNBLOCK, &unblocked, nil)
  }

  private static func isIgnored(_ handler: sighandler_t?) -> Bool {
    unsafe unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
