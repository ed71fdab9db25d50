extension Template {
  static let tutorial = Template(
    name: "tutorial",
    summary: "Eight recurrent neurons learn, from noise, eight sinusoids shifted in phase.",
    files: [
      ("tutorial.json", job(name: "", slope: "1", rate: "0.001")),
      (
        "tutorial-tuned.json",
        job(
          name: "-tuned", slope: "1.5", bias: ", \"bias\": 0", rate: "0.01",
          more: """

              "schedule": "cosine",
              "clipping": {"kind": "norm", "limit": 0.3},
            """)
      ),
      (
        "README.md",
        """
        # Pattern generation by recurrent spiking neurons

        The job of NWAVE's tutorial 5. One input channel of noise (a spike with probability 0.4 at
        each step, drawn anew each epoch) drives eight recurrent LIF neurons, whose mean firing over
        the batch learns eight sinusoids shifted in phase.

            spindle train tutorial.json          # the published recipe
            spindle train tutorial-tuned.json    # a bias, and larger steps that end small: a lower loss

        Both write a checkpoint and a report. Things to try, all by `--set`, with `--overwrite` or another
        place for the run by `--checkpoint PATH`:

            spindle train tutorial-tuned.json --set data.generator.pattern=rhythm
            spindle train tutorial-tuned.json --set network.layers.0.topology=FF \\
              --set network.layers.0.recurrent_weights=null
            spindle train tutorial-tuned.json --set training.seed=3 --set training.epochs=5000

        The noise of 32 binary samples alone makes a loss of about 0.005: no network gets below it.

        """
      ),
    ])

  /// The published job, or another recipe for it.
  private static func job(
    name: String, slope: String, bias: String = "", rate: String, more: String = ""
  ) -> String {
    """
    {
      "network": {
        "time_step": 0.001,
        "layers": [
          {
            "kind": "lif", "neurons": 8, "topology": "RC", "tau": 0.01, "threshold": 0.1,
            "surrogate": {"kind": "fast_sigmoid", "slope": \(slope)}\(bias),
            "weights": {"kind": "normal", "mean": 0.5, "standard_deviation": 0.1},
            "recurrent_weights": {"kind": "normal", "standard_deviation": 0.05}
          }
        ]
      },
      "data": {
        "generator": {
          "kind": "pattern", "pattern": "sine", "steps": 100, "samples": 32, "probability": 0.4
        }
      },
      "loss": "mean_rate_mse",
      "optimizer": {"kind": "adam", "learning_rate": \(rate)},\(more)
      "training": {"epochs": 2000, "batch": 32, "seed": 11},
      "checkpoint": {"path": "tutorial\(name).safetensors", "every": 500},
      "report": {"folder": "report\(name)"}
    }

    """
  }
}
