extension Template {
  static let delayedMemory = Template(
    name: "delayed-memory",
    summary: "A recurrent network stores a cue and recalls it after silence; FF cannot.",
    files: [
      ("delayed-memory.json", delayedMemory(topology: "RC", extra: recurrence, name: "")),
      ("delayed-memory-ff.json", delayedMemory(topology: "FF", extra: "", name: "-ff")),
      (
        "README.md",
        """
        # A cue held in recurrent activity

        One of two cues is shown for 20 steps; then the input is silent, but for a little noise, for
        100 steps; then another group of channels asks for an answer. The loss reads the steps from 80
        on, 60 after the cue, when time constants of 10 ms have forgotten it; the answer that counts
        is that of the last 20 steps alone. What the input says then is the same for both cues, so
        that a network answers above chance only if its own activity has held the cue through the
        silence. A penalty of high rates keeps that activity sparse.

            spindle train delayed-memory.json       # recurrent
            spindle train delayed-memory-ff.json    # feed-forward: stays at chance

        "Activity by class" in the report shows the neurons that hold the cue, from its end to the
        answer. Longer silence:

            spindle train delayed-memory.json --set data.generator.delay_steps=500

        """
      ),
    ])

  private static let recurrence = """

            "recurrent_weights": {"kind": "fluctuation_driven", "rate": 100},
    """

  /// The same task for either topology.
  private static func delayedMemory(topology: String, extra: String, name: String) -> String {
    """
    {
      "network": {
        "time_step": 0.001,
        "layers": [
          {
            "kind": "lif", "neurons": 100, "topology": "\(topology)", "tau": 0.01,
            "synaptic_tau": 0.005,\(extra)
            "surrogate": {"kind": "fast_sigmoid", "slope": 5},
            "weights": {"kind": "fluctuation_driven", "rate": 100}
          },
          {"kind": "li", "neurons": 2, "tau": 0.01}
        ]
      },
      "data": {
        "generator": {
          "kind": "delayed_cue", "cues": 2, "cue_steps": 20, "delay_steps": 100,
          "recall_steps": 20, "samples": 1000
        },
        "split": {"train": 0.8, "test": 0.2}
      },
      "loss": {"kind": "recall_cross_entropy", "first_step": 80, "answer_steps": 20},
      "optimizer": {"kind": "adam", "learning_rate": 0.002},
      "clipping": {"kind": "norm", "limit": 1},
      "regularization": [{"kind": "rate_upper_bound", "bound": 0.2, "strength": 0.3}],
      "training": {"epochs": 40, "batch": 50, "seed": 1},
      "checkpoint": {"path": "delayed-memory\(name).safetensors", "every": 10},
      "report": {"folder": "report\(name)"}
    }

    """
  }
}
