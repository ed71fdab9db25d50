import ArgumentParser

@main
struct SpindleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "spindle", abstract: "Trains recurrent spiking networks.")
}
