#!/bin/bash
# Compiles the C core without SwiftPM, warnings as errors, and runs the programs of Tests/c, which
# print hashes of what they compute: they must not depend on the code that libm takes for the
# processor. Of them, stream.c is an example of the C interface.
#
#   Scripts/check_c.sh            this machine's architecture
#   Scripts/check_c.sh aarch64    AArch64 under qemu; the bits must be those of this machine
#   Scripts/check_c.sh quick ISA  after a change: compiles anew the kernels for one instruction set
#                                 (avx2, avx512, baseline, neon) and what else is older than its
#                                 sources, runs the programs as if there were no other set, and
#                                 compares the hashes with those of the last whole run
#
# A whole run leaves its objects and hashes for quick in .build-c.
#
# Needs clang; by default libomp-dev; for aarch64 Debian's gcc-aarch64-linux-gnu,
# libc6-dev-arm64-cross and qemu-user.
set -euo pipefail
cd "$(dirname "$0")/.."
# Many threads on however few processors.
export SPINDLE_FORCE_THREADS=1

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
flags=(-std=gnu17 -O2 -Wall -Wextra -Werror -ICSources/CSpindle/include)
programs=(sequences segments train losses lengths mathematics flush stream chips)
kept=.build-c

require() {
  command -v "$1" > /dev/null && return
  echo "check_c: $1 is missing: apt-get install $2" >&2
  exit 1
}

# Runs the command that follows on each word of standard input, in place of {}, on all processors.
each() { xargs -P "$(nproc)" -I {} "$@"; }

# Compiles the core's files, which all programs share, in the folder $1 with the options that follow;
# the kernels, which take longest, first.
compile() {
  local folder=$1
  shift
  mkdir "$folder"
  printf '%s\n' CSources/CSpindle/isa/*.c CSources/CSpindle/core/*.c |
    each bash -c 'clang "${@:2}" -c {} -o "$1/$(basename {}).o"' compile "$folder" "$@" "${flags[@]}"
}

native() {
  compile "$folder/native"
  # Allocations replaces malloc, which a static program cannot.
  printf '%s\n' "${programs[@]}" allocations |
    link "$folder/native" "${flags[@]}" "$folder"/native/*.o -lomp5
  "$folder/native/allocations"
}

# Links the programs named on standard input in the folder $1, with the options that follow.
link() {
  local folder=$1
  shift
  each bash -c 'clang Tests/c/{}.c "${@:2}" -lm -o "$1/{}"' link "$folder" "$@"
}

# Compiles the instruction set $1, and of the core what is older than its source or a header.
refresh() {
  local source
  {
    echo "CSources/CSpindle/isa/$1.c"
    for source in CSources/CSpindle/core/*.c; do
      find "$source" CSources/CSpindle/core CSources/CSpindle/include \
        \( -samefile "$source" -o -name '*.h' -o -name '*.def' \) \
        -newer "$kept/native/$(basename "$source").o" -printf "$source\n" -quit
    done
  } | each bash -c 'clang "${@:2}" -c {} -o "$1/$(basename {}).o"' refresh "$kept/native" \
    "${flags[@]}"
}

# Links the programs with the kernels for one instruction set under the names of all.
quick() {
  local isa=$1 name
  if [ ! -f "CSources/CSpindle/isa/$isa.c" ] || [ ! -f "$kept/native.txt" ]; then
    echo "check_c: quick takes an instruction set, after a whole run of Scripts/check_c.sh" >&2
    exit 2
  fi
  refresh "$isa"
  mkdir "$folder/quick"
  local objects=()
  for name in CSources/CSpindle/core/*.c; do objects+=("$kept/native/$(basename "$name").o"); done
  for name in baseline avx2 avx512 neon; do
    objcopy --redefine-sym "spindle_kernels_$isa=spindle_kernels_$name" "$kept/native/$isa.c.o" \
      "$folder/quick/$name.o"
    objects+=("$folder/quick/$name.o")
  done
  printf '%s\n' "${programs[@]}" |
    link "$folder/quick" "${flags[@]}" "${objects[@]}" -lomp5
  run "$folder/quick" "" env > "$folder/quick.txt"
  if ! diff "$kept/native.txt" "$folder/quick.txt"; then
    echo "check_c: other bits than at the last whole run" >&2
    exit 1
  fi
  echo "check_c: the bits of the last whole run"
}

# For one thread, which is all that emulation has.
aarch64() {
  local target=(--target=aarch64-linux-gnu --sysroot=/usr/aarch64-linux-gnu
    -I/usr/aarch64-linux-gnu/include)
  local link=(--gcc-toolchain=/usr --ld-path=/usr/bin/aarch64-linux-gnu-ld
    -L/usr/aarch64-linux-gnu/lib -static)
  compile "$folder/aarch64" "${target[@]}"
  printf '%s\n' "${programs[@]}" |
    link "$folder/aarch64" "${target[@]}" "${link[@]}" "${flags[@]}" Tests/c/single_thread.c \
      "$folder"/aarch64/*.o
}

# Prints the hashes of the programs in the folder $1, run with the word $2, if it is not empty, by
# the command that follows.
run() {
  local folder=$1 length=$2 program
  shift 2
  printf '%s\n' "${programs[@]}" |
    each bash -c '"${@:3}" "$1/{}" $2 > "$1/{}.txt"' run "$folder" "$length" "$@"
  for program in "${programs[@]}"; do cat "$folder/$program.txt"; done
}

# Ends the script where the hashes in file $1 differ from the native ones; $2 says whose they are.
compare() {
  if ! diff "$folder/native.txt" "$1"; then
    echo "check_c: $2 gives other bits than $(uname -m)" >&2
    exit 1
  fi
  echo "check_c: $2 gives the same bits as $(uname -m)"
}

case ${1:-} in
  "" | aarch64 | quick) ;;
  *)
    echo "check_c: expected aarch64, quick or nothing, got \"$1\"" >&2
    exit 2
    ;;
esac
require clang clang
if [ "${1:-}" = quick ]; then
  quick "${2:-}"
  exit
fi
native
run "$folder/native" "" env > "$folder/native.txt"
rm -rf "$kept"
mkdir "$kept"
cp -r "$folder/native" "$folder/native.txt" "$kept"
cat "$folder/native.txt"
if [ "$(uname -m)" = x86_64 ]; then
  # Without FMA in hardware the baseline's takes libm's, which is slow.
  run "$folder/native" brief env GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-FMA \
    > "$folder/libm.txt" 2> /dev/null
  compare "$folder/libm.txt" "libm without AVX2 and FMA"
fi
if [ "${1:-}" = aarch64 ]; then
  require aarch64-linux-gnu-gcc "gcc-aarch64-linux-gnu libc6-dev-arm64-cross"
  require qemu-aarch64 qemu-user
  aarch64
  run "$folder/aarch64" brief qemu-aarch64 > "$folder/aarch64.txt"
  compare "$folder/aarch64.txt" AArch64
fi
echo "check_c: passed"
