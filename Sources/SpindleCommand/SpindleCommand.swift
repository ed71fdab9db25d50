import ArgumentParser
import Foundation

@main
struct SpindleCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "spindle", abstract: "Trains recurrent spiking networks.",
    subcommands: [CrossCheckCommand.self, GoldenCommand.self])

  /// As the library's own, but that a command line it cannot parse is bad input like any other,
  /// status 2, not 64.
  static func main() async {
    do {
      var command = try parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch  where exitCode(for: error) == .validationFailure {
      FileHandle.standardError.write(Data("\(fullMessage(for: error))\n".utf8))
      Foundation.exit(2)
    } catch {
      exit(withError: error)
    }
  }
}
