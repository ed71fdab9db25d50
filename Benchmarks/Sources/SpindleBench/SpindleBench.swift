import ArgumentParser
import Spindle

/// Which implementation is measured.
enum Engine: String, CaseIterable, ExpressibleByArgument {
  case c
  case swift
}

/// The names of all values of a type, for help.
private func names<Choice: CaseIterable & RawRepresentable<String>>(of: Choice.Type) -> String {
  Choice.allCases.map(\.rawValue).joined(separator: ", ")
}

/// The value of a name.
private func choice<Choice: CaseIterable & RawRepresentable<String>>(
  _ name: String
) throws -> Choice {
  guard let value = Choice(rawValue: name) else {
    throw ValidationError("\"\(name)\" is none of \(names(of: Choice.self))")
  }
  return value
}

/// Measures training steps.
@main
struct SpindleBench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "spindle-bench",
    abstract: "Measures forward passes and whole training steps on the CPU.",
    discussion: """
      A step is forward, loss, backward and Adam. Times are medians over at least --seconds for \
      steps and 0.4 times that for forward alone, each after one run to warm up. Input is drawn \
      beforehand and kept as the engine reads it (a bit a spike; 32-bit numbers for analog \
      input); four batches take turns, and the target stays. The rate is the hidden layer's with \
      the weights of the workload, which stay as they are while the learning rate is zero: \
      training moves the rate, and the engine's cost follows it.

      Before anything is timed, a small version of each workload is checked against the reference \
      in double precision: loss, gradients, potentials and spikes. A mismatch is an error.

      GFLOP/s are those of the engine's dense products, run by themselves on the shapes that the \
      step has them in; the peak is of multiply-adds in registers on as many threads, measured in \
      the same run.

      mpirun -np 2 spindle-bench W3 --threads 1 measures a workload in two processes, where this was \
      built with --traits MPI; the first prints, and what all sent to others in a step.
      """)

  @Option(help: "Adam's learning rate; with 0 its arithmetic runs and the weights stay.")
  var learningRate: Float = 0

  @Argument(help: "W1 ... W7, W3s, W4s, W7s; all by default.")
  var workloads: [String] = []

  @Option(help: "c, or swift for the baseline in plain Swift.")
  var engine = Engine.c

  @Option(help: "Threads; by default as many as OpenMP would use.")
  var threads: Int?

  @Option(help: "Instruction set: \(names(of: ISA.self)).", transform: choice)
  var isa = ISA.automatic

  @Option(help: "Sums over spikes: \(names(of: Sums.self)).", transform: choice)
  var sums = Sums.automatic

  @Option(help: "Outputs of backward: \(names(of: Outputs.self)).", transform: choice)
  var outputs = Outputs.automatic

  @Option(help: "Parts of the batch; each process has at least one. (default: by its size)")
  var parts: Int?

  @Option(help: "Shortest time to measure a step for; with --scaling, a fifth of it a point.")
  var seconds = 5.0

  @Flag(help: "Print one JSON object a line.")
  var json = false

  @Flag(help: "Take many steps of a small workload and compare the resident memory.")
  var growth = false

  @Option(help: "Steps of --growth.")
  var growthSteps = 10_000

  @Flag(help: "Take training steps of long sequences and print their time and the largest memory.")
  var long = false

  @Flag(
    help: """
      Count the work of the most loaded thread over the mean on 8 to 64 threads, in multiply-adds; \
      with SPINDLE_FORCE_THREADS=1.
      """)
  var plan = false

  @Flag(help: "Measure how step time grows with B, T, N, input density and firing rate.")
  var scaling = false

  @Option(help: "Where --scaling writes its tables and plots.")
  var output = "scaling"

  @Option(help: "Weights, input and target of another program, a folder of .npy files a workload.")
  var data: String?

  @Option(help: "Compare the workloads with those of this file, and stop where they differ.")
  var checkWorkloads: String?

  func validate() throws {
    guard seconds > 0, seconds <= 3600 else {
      throw ValidationError("--seconds must be above 0 and at most 3600")
    }
    guard !(plan && json) else { throw ValidationError("--plan prints a table, without --json") }
    guard growthSteps > 0 else { throw ValidationError("--growth-steps must be positive") }
    if let threads, threads < 1 || threads > Execution.maximumThreads {
      throw ValidationError("--threads must be from 1 to \(Execution.maximumThreads)")
    }
  }

  func run() async throws {
    let known = try Workload.all()
    if let checkWorkloads { try Self.check(known, against: checkWorkloads) }
    let execution = Execution(
      threads: threads, isa: isa, sums: sums, outputs: outputs, parts: parts)
    if scaling {
      try Scaling(execution: execution, seconds: seconds / 5, folder: output).run()
    } else if long {
      for result in try LongSequences.all(execution) {
        print(json ? try result.jsonLine() : result.summary)
      }
    } else if plan {
      try PlanLoads.print(chosen(of: known), execution)
    } else if growth {
      try runGrowth(known, execution)
    } else if checkWorkloads == nil || !workloads.isEmpty {
      try await Ranks.run { try await runWorkloads(known, execution, $0) }
    }
  }

  /// The workloads that the arguments name, or all.
  private func chosen(
    of known: [String: Workload]
  ) throws -> [(name: String, workload: Workload)] {
    let names = workloads.isEmpty ? known.keys.sorted() : workloads
    return try names.map { name in
      guard let workload = known[name] else {
        throw ValidationError(
          "there is no workload \"\(name)\", only \(known.keys.sorted().joined(separator: ", "))")
      }
      return (name, workload)
    }
  }

  private func runWorkloads(
    _ known: [String: Workload], _ execution: Execution, _ ranks: Ranks
  ) async throws {
    let chosen = try chosen(of: known)
    if !json, ranks.isFirst { print(ResultTable.header) }
    for (name, workload) in chosen {
      let measurement = try await measure(name, workload, execution, ranks)
      guard ranks.isFirst else { continue }
      var result = try Result(
        peer: engine == .c ? "spindle" : "spindle-swift", name, workload, measurement)
      if ranks.count > 1 { (result.ranks, result.bytesSent) = (ranks.count, measurement.bytesSent) }
      print(json ? try result.jsonLine() : ResultTable.row(result))
    }
  }

  private func measure(
    _ name: String, _ workload: Workload, _ execution: Execution, _ ranks: Ranks
  ) async throws -> Measurement {
    let material =
      if let data { try Material(workload, folder: "\(data)/\(name)") } else {
        try Material(workload)
      }
    let verification = try Verification(name, workload)
    switch engine {
    case .c:
      let plan = try workload.makeNetwork().plan(
        batch: workload.batch, steps: workload.steps, execution: execution)
      try verification.check(execution, layout: plan.layout)
      return try EngineRun.measure(
        material, execution, learningRate: learningRate, seconds: seconds, ranks: ranks)
    case .swift:
      let tasks = execution.threads ?? Execution.defaultThreads
      try await verification.checkBaseline(tasks: tasks)
      return try await BaselineRun.measure(
        workload, material, threads: tasks, learningRate: learningRate, seconds: seconds)
    }
  }

  private func runGrowth(_ known: [String: Workload], _ execution: Execution) throws {
    guard let w3 = known["W3"] else { throw BenchmarkError("there is no W3") }
    let growth = try Growth.measure(w3, execution, steps: growthSteps)
    print(json ? try growth.jsonLine() : growth.summary)
  }

  private static func check(_ known: [String: Workload], against path: String) throws {
    let others = try Workload.read(path)
    // Other programs need not know the surrogates that have their own workloads here.
    for name in Set(known.keys).union(others.keys).sorted()
    where known[name] != others[name] && (known[name]?.surrogate == nil || others[name] != nil) {
      throw BenchmarkError("\(name) differs from \(path)")
    }
  }
}
