import Foundation

/// Starts processes. Foundation's own waits for a process's children too, however long they run, and
/// cannot put them into a group that can be stopped.
enum Spawn {
  /// Starts a program in a directory as the leader of a new process group, with the usual handling of
  /// signals; an error number, or 0.
  ///
  /// It reads its input from a file, so that it comes to an end even where we are killed and stop it no
  /// more; one that computes for ever is ended by the system after so many seconds of processor time.
  static func start(
    _ process: inout pid_t, _ arguments: [String], in directory: String, input: String,
    errors: String, processorSeconds: Int
  ) -> Int32 {
    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
      var attributes: posix_spawnattr_t?
    #else
      var actions = unsafe posix_spawn_file_actions_t()
      var attributes = posix_spawnattr_t()
    #endif
    _ = unsafe posix_spawn_file_actions_init(&actions)
    _ = unsafe posix_spawnattr_init(&attributes)
    defer {
      _ = unsafe posix_spawn_file_actions_destroy(&actions)
      _ = unsafe posix_spawnattr_destroy(&attributes)
    }
    _ = unsafe posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
    _ = unsafe posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    _ = unsafe posix_spawn_file_actions_addopen(
      &actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    var defaults = sigset_t()
    _ = unsafe sigemptyset(&defaults)
    for signal in [SIGINT, SIGTERM, SIGHUP, SIGPIPE] { _ = unsafe sigaddset(&defaults, signal) }
    var none = sigset_t()
    _ = unsafe sigemptyset(&none)
    _ = unsafe posix_spawnattr_setsigdefault(&attributes, &defaults)
    _ = unsafe posix_spawnattr_setsigmask(&attributes, &none)
    _ = unsafe posix_spawnattr_setpgroup(&attributes, 0)
    _ = unsafe posix_spawnattr_setflags(
      &attributes,
      Int16(POSIX_SPAWN_SETPGROUP) | Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK))
    // The shell changes the folder, which not every system's posix_spawn can, and becomes the program.
    // Paths relative to where we are would be looked for there.
    let words =
      [
        "sh", "-c", "cd -- \"$0\" && ulimit -t \"$1\" && shift && exec \"$@\"", absolute(directory),
        "\(processorSeconds)", absolute(arguments[0]),
      ] + arguments.dropFirst()
    var pointers = unsafe words.map { unsafe strdup($0) } + [nil]
    defer { for index in unsafe pointers.indices { unsafe free(pointers[index]) } }
    return unsafe posix_spawn(&process, "/bin/sh", &actions, &attributes, &pointers, environ)
  }

  private static func absolute(_ path: String) -> String { URL(fileURLWithPath: path).path }
}
