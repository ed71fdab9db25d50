#!/bin/bash
# What is too long for every change: some two hours on two idle cores. Needs what .ci/run needs, and
# Debian's pyflakes3.
#
#   Scripts/nightly.sh                   all
#   Scripts/nightly.sh STEP ...          some: python benchmarks-build benchmarks fuzz kills faults
#                                        install mutations
#
# Goes on after a step that fails; prints at the end which did, and exits 1 then.
set -uo pipefail
cd "$(dirname "$0")/.."
flags=(-Xcc -O2)
seconds=${SPINDLE_FUZZ_SECONDS:-600}

# Python without a package of its own: names that are not defined, imports that are not used.
python() { pyflakes3 Scripts Benchmarks/*.py; }

benchmarks_build() {
  swift format lint --strict --recursive Benchmarks &&
    find Benchmarks -name '*.[ch]' -not -path '*/.build/*' -exec clang-format --dry-run -Werror {} + &&
    swift build --configuration release --package-path Benchmarks
}

# Against the 90th percentiles in Benchmarks/Thresholds, which are of one machine: elsewhere write
# them first (Benchmarks/README.md).
benchmarks() { (cd Benchmarks && swift package benchmark thresholds check); }

# Ten minutes of mutated files on a build with the address sanitizer.
fuzz() {
  swift build --sanitize=address --product spindle --scratch-path .build-asan -Xcc -O1 &&
    Scripts/fuzz.py --spindle .build-asan/debug/spindle --seconds "$((seconds / 6))" \
      --seed "$(date +%j)" --jobs "$(nproc)"
}

# Training runs killed at random moments, ten times as many as in every change.
kills() {
  swift build --product spindle "${flags[@]}" &&
    Scripts/check_kill.py --kills 100 --spindle .build/debug/spindle
}

# All known faults, those of the library included.
faults() {
  swift build --product spindle "${flags[@]}" &&
    SPINDLE_PACKAGE=$PWD Scripts/check_faults.sh .build/debug/spindle
}

# The installed command, its pages and completions.
install() {
  local folder
  folder=$(mktemp -d)
  DESTDIR=$folder Scripts/install.sh /usr && "$folder/usr/bin/spindle" tutorial --quiet
  local status=$?
  rm -rf "$folder"
  return "$status"
}

# Which planted faults the tests catch.
mutations() { Scripts/check_mutations.py; }

steps=(python benchmarks-build benchmarks fuzz kills faults install mutations)
[ $# -eq 0 ] || steps=("$@")
for step in "${steps[@]}"; do
  if [ "$(type -t "${step//-/_}")" != function ]; then
    echo "nightly: no step \"$step\"" >&2
    exit 2
  fi
done
results=() status=0
for step in "${steps[@]}"; do
  printf '\n== %s\n' "$step"
  start=$SECONDS
  if "${step//-/_}"; then result=passed; else result=FAILED status=1; fi
  results+=("$result, $((SECONDS - start)) s: $step")
done
printf '\n== nightly\n'
printf '%s\n' "${results[@]}"
exit "$status"
