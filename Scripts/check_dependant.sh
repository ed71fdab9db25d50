#!/bin/bash
# Proves that a package elsewhere can depend on a tagged Spindle by version, build in release mode
# and train: that is, that no unsafe flag is in the way and that nothing but libomp-dev is needed.
#
# What SwiftPM fetches for the dependant: Spindle and, since it resolves a package's dependencies
# whichever of its products are used, swift-argument-parser, of which it may build the plugins. The
# library does not use it: it is not compiled or linked, and this script fails where it is.
set -euo pipefail
cd "$(dirname "$0")/.."
repository=$PWD
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

version=$(sed -n 's/^#define SPINDLE_VERSION "\(.*\)"$/\1/p' CSources/CSpindle/include/spindle.h)
git clone --quiet "$repository" "$folder/spindle"
git -C "$folder/spindle" -c user.name=check -c user.email=check@localhost \
  tag --annotate --force "$version" --message "$version"

mkdir -p "$folder/dependant/Sources/Dependant"
# The program is the README's, so that what the README shows is what runs.
sed -n '/^```swift$/,/^```$/p' README.md | sed '/^```/d' \
  > "$folder/dependant/Sources/Dependant/main.swift"
cat > "$folder/dependant/Package.swift" << END
// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "dependant",
  dependencies: [.package(url: "file://$folder/spindle", from: "$version")],
  targets: [
    .executableTarget(
      name: "Dependant", dependencies: [.product(name: "Spindle", package: "spindle")])
  ]
)
END

cd "$folder/dependant"
swift build --configuration release
if [ -n "$(find .build/release/ -path '*ArgumentParser*' -name '*.o' -print -quit)" ]; then
  echo "check_dependant: swift-argument-parser was built, which a dependant must not need" >&2
  exit 1
fi
ls -1 .build/checkouts | sed 's/^/check_dependant: fetched /'
# What no target uses, such as the documentation plugin, is not resolved for a dependant.
if ls .build/checkouts | grep -qvxE 'spindle|swift-argument-parser'; then
  echo "check_dependant: more was fetched than a dependant needs" >&2
  exit 1
fi
.build/release/Dependant | tee output.txt
first=$(sed -n 's/^epoch 20: loss //p' output.txt)
last=$(sed -n 's/^epoch 100: loss //p' output.txt)
awk -v first="$first" -v last="$last" 'BEGIN { exit !(last < 0.7 * first) }' || {
  echo "check_dependant: the loss went from $first to $last" >&2
  exit 1
}
echo "check_dependant: passed"
