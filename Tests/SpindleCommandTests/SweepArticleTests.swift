import Foundation
import TestSupport
import Testing

/// The article on sweeps says what the command does.
struct SweepArticleTests {
  /// The first commands, of fewer and shorter runs, leave the files that the article lists.
  @Test func theFirstSweep() throws {
    let article = try Articles.text(of: "Sweeps")
    let commands = article.drop { !$0.hasPrefix("    spindle init ") }
      .prefix { $0.hasPrefix("    ") }.joined(separator: "\n")
    #expect(commands.contains("sweep delayed-memory.json --vary training.seed=1..20"))
    let scratch = try Scratch()
    let short = commands.replacingOccurrences(of: "1..20", with: "1..2")
      .replacingOccurrences(of: "1e-3,3e-3,1e-2", with: "1e-3,3e-3")
    let run = try Command(
      shell: """
        set -e
        spindle() { "$SPINDLE" "$@"; }
        mkdir -p \(scratch.path("place")) && cd \(scratch.path("place"))
        \(short) --set training.epochs=1 --set data.generator.samples=40
        spindle sweep delayed-memory.json --vary training.seed=1..2 \
          --vary optimizer.learning_rate=1e-3,3e-3 -o rates \
          --set training.epochs=1 --set data.generator.samples=40
        spindle eval rates/runs/3/run.safetensors --json > rates/evaluation.json
        """)
    #expect(run.status == 0, "\(run.error)")
    #expect(run.error.contains("0 runs to train, 4 done before"), "\(run.error)")
    let listed = article.drop { !$0.hasPrefix("    rates/sweep.json") }.prefix {
      $0.hasPrefix("    ")
    }
    let names = listed.flatMap { $0.split(separator: "   ")[0].split(separator: ", ") }
      .map { $0.trimmingCharacters(in: .whitespaces) }
    #expect(names.count == 7, "\(names)")
    let base = scratch.path("place/memory/rates/")
    for name in names {
      let path =
        base
        + name.replacingOccurrences(of: "rates/", with: "")
        .replacingOccurrences(of: "07", with: "3")
      // Figures are drawn where gnuplot is.
      if path.hasSuffix(".svg") || path.hasSuffix(".png") { continue }
      #expect(FileManager.default.fileExists(atPath: path), "\(path)")
    }
  }

  /// Every option that the articles name is one of a command.
  @Test(arguments: [
    ("Sweeps", ["sweep", "eval", "train"]),
    ("ManyProcesses", ["train", "resume", "sweep"]),
  ])
  func optionsAreThose(article: String, commands: [String]) throws {
    var known = ""
    for command in commands { known += try Command([command, "--help"]).output }
    // Of mpirun, sbatch and swift build.
    let others = [
      "--map-by", "--bind-to", "--oversubscribe", "--mca", "--mpi", "--nodes", "--ntasks-per-node",
      "--cpus-per-task", "--time", "--signal", "--array", "--traits",
    ]
    for line in try Articles.text(of: article) {
      for word in line.split(whereSeparator: { !($0.isLetter || $0 == "-") })
      where word.hasPrefix("--") && word.count > 3 && !others.contains(String(word)) {
        #expect(known.contains("\(word) ") || known.contains("\(word)\n"), "\(word) in \(line)")
      }
    }
  }
}
