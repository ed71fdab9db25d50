#!/bin/bash
# Generates the documentation of every target, warnings as errors, and looks whether the library's
# landing page names each of its public symbols: one that it does not name stands in a group that
# DocC makes by itself, such as "Structures".
#
#   Scripts/check_documentation.sh [OPTIONS]
#
# OPTIONS are those of the last swift build, so that nothing is built anew.
set -euo pipefail
cd "$(dirname "$0")/.."

swift package "$@" generate-documentation --warnings-as-errors
page=.build/plugins/Swift-DocC/outputs/Spindle.doccarchive/data/documentation/spindle.json
grep -q '"topicSections"' "$page"
if unnamed=$(grep -oE '\{[^{}]*"generated":true[^{}]*\}' "$page"); then
  echo "check_documentation: not in Sources/Spindle/Spindle.docc/Spindle.md: $unnamed" >&2
  exit 1
fi
echo "check_documentation: passed"
