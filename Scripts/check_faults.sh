#!/bin/bash
# Runs the known faults' smallest inputs: each folder of FAULTS has a run.sh that exits 0 once the
# fault is mended, 77 where it cannot be tried here.
#
#   Scripts/check_faults.sh SPINDLE [FAULTS]
#
# SPINDLE is the command; FAULTS is ../shared/faults by default. Without that folder nothing is run.
# A fault of the library builds it in release mode, for a minute, and is tried where SPINDLE_PACKAGE
# names this folder; it has a test too.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ ! -f "${1:-}" ] || [ ! -x "$1" ]; then
  echo "check_faults: expected the path of the command spindle, got \"${1:-}\"" >&2
  exit 2
fi
spindle=$(realpath "$1")
faults=${2:-${SPINDLE_SHARED:-../shared}/faults}
if [ ! -d "$faults" ]; then
  echo "check_faults: skipped, there is no folder $faults"
  exit 0
fi
passed=0
failed=()
for run in "$faults"/*/run.sh; do
  name=$(basename "$(dirname "$run")")
  status=0
  output=$(SPINDLE=$spindle SPINDLE_PACKAGE=${SPINDLE_PACKAGE:-} timeout 300 bash "$run" 2>&1) || status=$?
  case $status in
    0) passed=$((passed + 1)) ;;
    77) echo "check_faults: $name: skipped: $output" ;;
    *)
      failed+=("$name")
      printf 'check_faults: %s: status %s\n%s\n' "$name" "$status" "$output" >&2
      ;;
  esac
done
echo "check_faults: $passed mended, ${#failed[@]} not"
[ ${#failed[@]} = 0 ]
