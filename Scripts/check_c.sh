#!/bin/bash
# Compiles the C core without SwiftPM, warnings as errors, and trains with it from C alone.
#
#   Scripts/check_c.sh            this machine's architecture
#   Scripts/check_c.sh aarch64    AArch64 under qemu; the bits must be those of this machine
#
# Needs clang; by default libomp-dev; for aarch64 Debian's gcc-aarch64-linux-gnu,
# libc6-dev-arm64-cross and qemu-user.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
flags=(-std=gnu17 -O2 -Wall -Wextra -Werror -ICSources/CSpindle/include)
sources=(CSources/CSpindle/core/*.c CSources/CSpindle/isa/*.c Tests/c/train.c
  Tests/c/sequences.c)

require() {
  command -v "$1" > /dev/null && return
  echo "check_c: $1 is missing: apt-get install $2" >&2
  exit 1
}

# Prints the hashes of a native run.
native() {
  clang "${flags[@]}" "${sources[@]}" -o "$folder/native" -lomp5 -lm
  "$folder/native"
}

# Prints the hashes of a run under emulation, on one thread.
aarch64() {
  clang --target=aarch64-linux-gnu --sysroot=/usr/aarch64-linux-gnu -I/usr/aarch64-linux-gnu/include \
    --gcc-toolchain=/usr --ld-path=/usr/bin/aarch64-linux-gnu-ld -L/usr/aarch64-linux-gnu/lib \
    "${flags[@]}" "${sources[@]}" Tests/c/single_thread.c -static -o "$folder/aarch64" -lm
  qemu-aarch64 "$folder/aarch64"
}

require clang clang
native > "$folder/native.txt"
cat "$folder/native.txt"
if [ "${1:-}" = aarch64 ]; then
  require aarch64-linux-gnu-gcc "gcc-aarch64-linux-gnu libc6-dev-arm64-cross"
  require qemu-aarch64 qemu-user
  aarch64 > "$folder/aarch64.txt"
  if ! diff "$folder/native.txt" "$folder/aarch64.txt"; then
    echo "check_c: AArch64 gives other bits than $(uname -m)" >&2
    exit 1
  fi
  echo "check_c: AArch64 gives the same bits as $(uname -m)"
fi
echo "check_c: passed"
