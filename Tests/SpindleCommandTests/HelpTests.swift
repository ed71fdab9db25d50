import Testing

/// What the help tells.
struct HelpTests {
  @Test func mentionsEveryCommand() throws {
    let help = try Command(["--help"])
    help.expectSuccess()
    for name in [
      "init", "train", "resume", "sweep", "eval", "predict", "stream", "quantize", "tutorial",
      "crosscheck", "golden", "import", "export", "info",
    ] {
      #expect(help.output.contains("  \(name) "))
    }
  }

  @Test func mentionsEveryOptionOfTheTutorial() throws {
    let help = try Command(["tutorial", "--help"])
    help.expectSuccess()
    for option in [
      "epochs", "seed", "batch", "steps", "neurons", "pattern", "target", "topology", "hidden",
      "learning-rate", "threads", "isa", "report", "json", "quiet",
    ] {
      #expect(help.output.contains("  --\(option) "), "\(option) is missing")
    }
    for choice in ["sine", "square", "rhythm", "rc", "ff", "avx2", "(default: 2000)"] {
      #expect(help.output.contains(choice), "\(choice) is missing")
    }
  }

  @Test(arguments: [
    ("crosscheck", ["--engine", "--isa", "--threads", "--tolerance", "--json"]),
    ("golden", ["--output", "--force"]), ("init", ["--force", "--list"]),
    (
      "train",
      [
        "--set", "--checkpoint", "--report", "--threads", "--isa", "--quiet", "--json", "--schema",
        "Control-C",
      ]
    ),
    ("resume", ["--set", "--report", "--quiet", "--json", "training.epochs"]),
    ("eval", ["--set", "--part", "--last", "--json", "--threads"]),
    (
      "sweep", ["--vary", "--output", "--jobs", "--shard", "--random", "--retry", "--by", "--json"]
    ),
    ("import", ["--output", "--from", "snntorch", "--time-step", "--reset-timing", "--gain"]),
    ("export", ["--output", "--time-step", "--for", "norse", "--last"]),
    ("predict", ["--input", "--output ", "--outputs", "--layer", "--tensor", "--last", "logits"]),
    ("stream", ["--events", "--output", "--realtime", "--last", "--isa", "Control-C"]),
  ])
  func mentionsTheOptionsOfTheOthers(command: String, options: [String]) throws {
    let help = try Command([command, "--help"])
    help.expectSuccess()
    for option in options { #expect(help.output.contains("\(option)"), "\(option) is missing") }
  }

  @Test func info() throws {
    let info = try Command(["info"], environment: ["SPINDLE_ISA": "baseline"])
    info.expectSuccess()
    for words in ["spindle ", "chosen: baseline", "threads: ", "OpenMP"] {
      #expect(info.output.contains(words), "\(info.output)")
    }
    let version = try Command(["--version"])
    version.expectSuccess()
    #expect(info.output.contains("spindle " + version.output))
  }
}
