extension Template {
  static let japaneseVowels = Template(
    name: "japanese-vowels",
    summary: "A network tells nine speakers apart by one vowel, in utterances of different length.",
    files: [
      (
        "japanese-vowels.json",
        """
        {
          "network": {
            "time_step": 0.001,
            "layers": [
              {
                "kind": "lif", "neurons": 400, "tau": 0.003,
                "surrogate": {"kind": "fast_sigmoid", "slope": 10},
                "weights": {"kind": "kaiming_normal", "gain": 0.6},
                "bias": {"kind": "normal", "standard_deviation": 0.2}
              },
              {
                "kind": "li", "neurons": 9, "tau": 0.005, "dropout": 0.7,
                "weights": {"kind": "kaiming_normal", "gain": 0.5}, "bias": 0
              }
            ]
          },
          "data": {
            "origin": "Japanese Vowels: Kudo, Toyama, Shimbo (1999), UCI Machine Learning Repository, CC BY 4.0, as shipped with aeon 1.6",
            "input": "input", "target": "labels", "lengths": "lengths",
            "transforms": [{"kind": "standardize"}, {"kind": "repeat", "times": 2}]
          },
          "loss": "mean_membrane_cross_entropy",
          "optimizer": {"kind": "adamw", "learning_rate": 0.005, "weight_decay": 0.2},
          "schedule": "cosine",
          "training": {"epochs": 120, "batch": 30, "seed": 1},
          "checkpoint": {"path": "japanese-vowels.safetensors"},
          "report": {"folder": "report"}
        }

        """
      ),
      (
        "README.md",
        """
        # Nine speakers by one vowel

        640 utterances of /ae/ by nine men, 7 to 29 frames of 12 cepstrum coefficients each: the
        official split has 270 for training and 370 for the test. Utterances are padded to 29 frames,
        and `lengths` says where each ends: what follows is never looked at.

        The data are not part of this example: Kudo, Toyama, Shimbo, Japanese Vowels (1999), UCI
        Machine Learning Repository, CC BY 4.0, in files such as aeon 1.6 ships them. Each of the two
        files holds `input` float32 [count, 29, 12], `lengths` int32 [count] and `labels` int32 [count].

            spindle train japanese-vowels.json \\
              --set data.file=PATH/japanese-vowels-train.safetensors \\
              --set data.test_file=PATH/japanese-vowels-test.safetensors

        Each frame is held for two steps. Dropout between the neurons and the readout, and weight
        decay, keep 8,800 weights from learning 270 utterances by heart. They, the time constant, the
        number of neurons and of epochs were chosen by cross-validation on the training part alone
        (`Benchmarks/cross_validate.py`); the test part is looked at once, at the end.

        """
      ),
    ])
}
