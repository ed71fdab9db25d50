import Foundation
import PackagePlugin

/// Before each build writes `recordedCommit`, the commit that is built, for `spindle --version`.
///
/// A command before the build rather than in it, since no file that the build knows of changes with
/// the commit. Only the command has this plugin: packages that depend on the library do not run it.
@main
struct RecordCommit: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) -> [Command] {
    let package = context.package.directoryURL
    let output = context.pluginWorkDirectoryURL
    return [
      .prebuildCommand(
        displayName: "Recording the commit",
        executable: URL(fileURLWithPath: "/bin/sh"),
        arguments: [
          package.appendingPathComponent("Scripts/record_commit.sh").path, package.path,
          output.path,
        ],
        outputFilesDirectory: output)
    ]
  }
}
