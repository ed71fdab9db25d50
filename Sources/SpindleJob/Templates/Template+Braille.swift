extension Template {
  static let braille = Template(
    name: "braille",
    summary: "A recurrent network reads Braille letters from a touch sensor.",
    files: [
      (
        "braille.json",
        """
        {
          "network": {
            "time_step": 0.001,
            "layers": [
              {
                "kind": "lif", "neurons": 64, "tau": 0.02,
                "surrogate": {"kind": "triangular", "slope": 5, "peak": 1},
                "weights": {"kind": "normal", "standard_deviation": 0.2},
                "bias": {"kind": "normal", "standard_deviation": 0.2}
              },
              {
                "kind": "lif", "neurons": 100, "topology": "RC", "tau": 0.02,
                "synaptic_tau": 0.01,
                "surrogate": {"kind": "triangular", "slope": 5, "peak": 1},
                "weights": {"kind": "kaiming_normal", "gain": 0.2},
                "recurrent_weights": {"kind": "kaiming_normal", "gain": 0.05}
              },
              {
                "kind": "li", "neurons": 27, "tau": 0.02,
                "weights": {"kind": "kaiming_normal", "gain": 0.1}
              }
            ]
          },
          "data": {
            "origin": "Braille letters: doi 10.5281/zenodo.6556273 (Müller-Cleve 2022), as shipped with SpyTorch 0.4 (Friedemann Zenke), CC BY 4.0",
            "input": "taxels",
            "target": "labels",
            "class_names": [
              "Space", "A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L", "M", "N", "O",
              "P", "Q", "R", "S", "T", "U", "V", "W", "X", "Y", "Z"
            ],
            "transforms": [
              {"kind": "select", "units": [1, 2, 6, 10]},
              {"kind": "affine", "scale": -0.00392156862745098, "offset": 1},
              {"kind": "standardize", "over": "all"},
              {"kind": "repeat", "times": 2}
            ],
            "split": {"train": 0.8, "test": 0.2, "seed": 1}
          },
          "loss": "mean_membrane_cross_entropy",
          "optimizer": {"kind": "adam", "learning_rate": 0.002},
          "schedule": "cosine",
          "training": {"epochs": 12, "batch": 30, "seed": 1},
          "checkpoint": {"path": "letters.safetensors"},
          "report": {"folder": "report"}
        }

        """
      ),
      (
        "README.md",
        """
        # Braille letters from a touch sensor

        1350 recordings of a sensor of 12 taxels that slides over Braille letters, 50 of each of 27
        classes. The protocol is that of SpyTorch's tutorial 5: taxels 1, 2, 6 and 10, each
        standardised, each sample repeated twice (152 steps of 1 ms), a random 80/20 split.

        The data are not part of this example. `braille.safetensors` holds `taxels` uint8
        [1350, 76, 12] and `labels` int32 [1350]; they are the Tactile Braille Letters Dataset of
        Müller-Cleve (2022), doi 10.5281/zenodo.6556273, as shipped with SpyTorch 0.4 (Friedemann
        Zenke), CC BY 4.0. Credit both wherever a result on them is shown.

            spindle train braille.json --set data.file=PATH/braille.safetensors

        Another split is `--set data.split.seed=2 --overwrite`. The test samples are looked at once, at the end:
        there is no validation and no choice of an epoch.

        The weights are small because filters add up what comes in: one of 10 ms behind one of 20 ms
        makes a constant input about 200 times as large at steps of 1 ms. The triangular surrogate is zero
        from 0.2 off the threshold: backward skips what it multiplies, and the letters are read as
        well as with a fast sigmoid. A feed-forward layer in
        place of the recurrent one reads these letters as well; what recurrence is for shows in the
        template `delayed-memory`.

        """
      ),
    ])
}
