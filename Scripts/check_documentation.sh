#!/bin/bash
# Generates the documentation of every target, warnings as errors, and looks whether the library's
# landing page names each of its public symbols: one that it does not name stands in a group that
# DocC makes by itself, such as "Structures".
set -euo pipefail
cd "$(dirname "$0")/.."

swift package generate-documentation --warnings-as-errors
page=.build/plugins/Swift-DocC/outputs/Spindle.doccarchive/data/documentation/spindle.json
python3 - "$page" << 'END'
import json, sys

page = json.load(open(sys.argv[1]))
unnamed = [name for section in page["topicSections"] if section.get("generated")
           for name in section["identifiers"]]
if unnamed:
    sys.exit("check_documentation: not in Spindle.docc/Spindle.md: " + ", ".join(unnamed))
print("check_documentation: passed")
END
