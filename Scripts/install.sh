#!/bin/bash
# Builds the command and installs it with its manual pages and completions.
#
#   Scripts/install.sh                     to /usr/local
#   Scripts/install.sh PREFIX
#   DESTDIR=FOLDER Scripts/install.sh PREFIX    to FOLDER/PREFIX, for a package or a container
#
# The Swift runtime is linked in, and the OpenMP runtime (libomp.so.5), which Debian has as a shared
# library alone, is copied to PREFIX/lib/spindle: the machine that the files go to needs neither
# Swift nor libomp5. It needs a glibc at least as new as that of the machine that builds, zlib1g and
# libstdc++6, which every Debian has; and gnuplot-nox, for the figures of reports alone.
#
# Needs what a build needs (README.md), and binutils for strip and readelf.
set -euo pipefail
cd "$(dirname "$0")/.."
prefix=${1:-/usr/local}
case $prefix in
  /*) ;;
  *)
    echo "install: PREFIX is an absolute path, and not \"$prefix\"" >&2
    exit 2
    ;;
esac
root=${DESTDIR:-}$prefix
scratch=.build-install

# Libraries are sought beside the command, wherever the folder of PREFIX is moved to.
swift build --configuration release --product spindle --static-swift-stdlib \
  --scratch-path "$scratch" -Xlinker -rpath -Xlinker '$ORIGIN/../lib/spindle'
built=$scratch/release/spindle
runtime=$(ldd "$built" | sed -n 's/.*libomp\.so\.5 => \(\/[^ ]*\).*/\1/p')
if [ -z "$runtime" ]; then
  echo "install: the command does not find libomp.so.5: apt-get install libomp-dev" >&2
  exit 1
fi

# The tool that writes manual pages from the command's own description of its options.
swift build --product generate-manual --scratch-path "$scratch/manual" \
  --package-path "$scratch/checkouts/swift-argument-parser"

install -d "$root/bin" "$root/lib/spindle" "$root/share/man/man1" \
  "$root/share/bash-completion/completions" "$root/share/zsh/site-functions" \
  "$root/share/fish/vendor_completions.d"
install -m 755 --strip "$built" "$root/bin/spindle"
install -m 644 --strip "$runtime" "$root/lib/spindle/libomp.so.5"
"$scratch/manual/debug/generate-manual" "$built" --multi-page \
  --date "$(git log -1 --format=%cs 2> /dev/null || date +%F)" \
  --output-directory "$root/share/man/man1"
"$built" --generate-completion-script bash > "$root/share/bash-completion/completions/spindle"
"$built" --generate-completion-script zsh > "$root/share/zsh/site-functions/_spindle"
"$built" --generate-completion-script fish > "$root/share/fish/vendor_completions.d/spindle.fish"

echo "install: $root/bin/spindle is $("$root/bin/spindle" --version)"
