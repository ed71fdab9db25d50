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

        One of four cues is shown for 20 steps; then the input is silent for 100 steps; then another
        group of channels asks for an answer. What the input says then is the same for all cues, and
        time constants of 5 ms forget within tens of steps, so that a network answers above chance,
        which is 0.25, only if its own activity has held the cue through the silence.

        The loss reads the mean of the readout over all steps, so that there is always something to
        learn from; the answer that counts is that of the last 20 steps alone. With longer time
        constants a feed-forward network would cheat: what is left of a membrane after ten of them is
        small, but not zero, and the largest of numbers that are nearly zero is still the largest.
        The readout's bias drowns the rest.

            spindle train delayed-memory.json       # recurrent
            spindle train delayed-memory-ff.json    # feed-forward: stays at chance

        "Activity by class" in the report shows the neurons that hold the cue, from its end to the
        answer. Longer silence:

            spindle train delayed-memory.json --set data.generator.delay_steps=500 --overwrite

        """
      ),
    ])

  private static let recurrence = """

            "recurrent_weights": {"kind": "kaiming_normal", "gain": 1},
    """

  /// The same task for either topology.
  private static func delayedMemory(topology: String, extra: String, name: String) -> String {
    """
    {
      "network": {
        "time_step": 0.001,
        "layers": [
          {
            "kind": "lif", "neurons": 64, "topology": "\(topology)", "tau": 0.005,\(extra)
            "surrogate": {"kind": "fast_sigmoid", "slope": 10},
            "weights": {"kind": "kaiming_normal", "gain": 1}
          },
          {
            "kind": "li", "neurons": 4, "tau": 0.005,
            "weights": {"kind": "kaiming_normal", "gain": 0.2}, "bias": 0
          }
        ]
      },
      "data": {
        "generator": {
          "kind": "delayed_cue", "cues": 4, "cue_steps": 20, "delay_steps": 100,
          "recall_steps": 20, "samples": 2500
        },
        "split": {"train": 0.8, "test": 0.2}
      },
      "loss": {"kind": "recall_cross_entropy", "first_step": 0, "answer_steps": 20},
      "optimizer": {"kind": "adam", "learning_rate": 0.005},
      "schedule": "cosine",
      "training": {"epochs": 8, "batch": 64, "seed": 1},
      "checkpoint": {"path": "delayed-memory\(name).safetensors"},
      "report": {"folder": "report\(name)"}
    }

    """
  }
}
