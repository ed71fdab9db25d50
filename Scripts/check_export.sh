#!/bin/bash
# Compiles the C that 100 random networks are exported to, of integers and of floats, warnings as
# errors, with gcc and clang for x86-64, AArch64 and 32-bit Arm, and runs their test programs, under
# qemu where the processor is another: every number must be the one that Spindle computed. Last, once
# more with the sanitizers of addresses and of undefined behaviour.
#
#   Scripts/check_export.sh
#
# Needs swift, clang and Debian's gcc, gcc-aarch64-linux-gnu, gcc-arm-linux-gnueabihf (with their
# libc6-dev-*-cross) and qemu-user.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
flags=(-std=c99 -O2 -Wall -Wextra -Werror)

require() {
  command -v "$1" > /dev/null && return
  echo "check_export: $1 is missing: apt-get install $2" >&2
  exit 1
}

# Compiles and runs every network: a name for messages, the runner (env: none), then the compiler.
check() {
  local name=$1 runner=$2 network
  shift 2
  for network in "$folder"/networks/*/; do
    "$@" "${flags[@]}" "$network/network.c" "$network/test_network.c" -o "$folder/test" -lm
    if ! "$runner" "$folder/test" > "$folder/output"; then
      echo "check_export: $name: $(basename "$network"): $(head -1 "$folder/output")" >&2
      exit 1
    fi
  done
  echo "check_export: $name: $(ls "$folder/networks" | wc -l) networks give the same numbers"
}

# clang for another of Debian's architectures: its triplet, then options.
cross_clang() {
  local triplet=$1
  shift
  clang "--target=$triplet" "--sysroot=/usr/$triplet" "-I/usr/$triplet/include" --gcc-toolchain=/usr \
    "--ld-path=/usr/bin/$triplet-ld" "-L/usr/$triplet/lib" -static "$@"
}

require gcc gcc
require clang clang
require aarch64-linux-gnu-gcc "gcc-aarch64-linux-gnu libc6-dev-arm64-cross"
require arm-linux-gnueabihf-gcc "gcc-arm-linux-gnueabihf libc6-dev-armhf-cross"
require qemu-aarch64 qemu-user

mkdir "$folder/networks"
SPINDLE_EXPORT_FOLDER="$folder/networks" swift test -Xcc -O2 --filter CExportTests/writeNetworks
[ "$(ls "$folder/networks" | wc -l)" = 200 ]

check "gcc, this machine" env gcc
check "clang, this machine" env clang
check "gcc, AArch64" qemu-aarch64 aarch64-linux-gnu-gcc -static
check "clang, AArch64" qemu-aarch64 cross_clang aarch64-linux-gnu
check "gcc, 32-bit Arm" qemu-arm arm-linux-gnueabihf-gcc -static
check "clang, 32-bit Arm" qemu-arm cross_clang arm-linux-gnueabihf
check "sanitizers" env gcc -fsanitize=address,undefined -fno-sanitize-recover=all
echo "check_export: passed"
