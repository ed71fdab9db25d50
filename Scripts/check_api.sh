#!/bin/bash
# Prints what broke in the interfaces of the libraries since a release, and exits 1 where something
# did. A break raises the version (RELEASE.md).
#
#   Scripts/check_api.sh           since the last tag
#   Scripts/check_api.sh TAG       since a tag, or any commit
#
# Builds both in debug mode. Without a tag there is nothing to compare with: says so, status 0.
set -euo pipefail
cd "$(dirname "$0")/.."
before=${1:-$(git describe --tags --abbrev=0 2> /dev/null || true)}
if [ -z "$before" ]; then
  echo "check_api: no tag yet, nothing to compare with"
  exit 0
fi
if ! git rev-parse --quiet --verify "$before^{commit}" > /dev/null; then
  echo "check_api: there is no tag or commit \"$before\"" >&2
  exit 2
fi
products=()
for product in $(swift package describe --type json |
  python3 -c 'import json, sys
for product in json.load(sys.stdin)["products"]:
    if "library" in product["type"]: print(product["name"])'); do
  # CSpindle is C, which the digester does not read; its header has a version of its own only.
  [ "$product" = CSpindle ] || products+=(--products "$product")
done
swift package diagnose-api-breaking-changes "$before" "${products[@]}"
