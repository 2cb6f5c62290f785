#!/usr/bin/env bash
# Runs tests in Miri, an interpreter that notices every access beyond an object, to what was freed, or to what was never
# written, and every value that its type does not have: the int8 kernels, whose code alone may do such things, and what
# parses foreign bytes, with the crates below it.
#
#   tests/supply/miri.sh          all of it; the kernels alone took 24 minutes beside builds
#   tests/supply/miri.sh int8     one part: int8, boards, journal, models
#
# Needs a nightly toolchain: rustup toolchain install nightly --component miri --component rust-src
# Exit code 0: nothing found. 1: something was. 2: could not be checked, or not all of it.
set -euo pipefail
cd "$(dirname "$0")/../.."

refuse() { printf 'SKIPPED: Miri did NOT run: %s\nhelp: %s\n' "$1" "$2" >&2; exit 2; }
rustup run nightly cargo miri --version >/dev/null 2>&1 ||
  refuse "there is no nightly toolchain with it" "rustup toolchain install nightly --component miri --component rust-src"
parts=("$@")
[ $# -gt 0 ] || parts=(int8 boards journal models)

CARGO_TARGET_DIR="$(realpath -m "${CARGO_TARGET_DIR:-target}")/miri"
export CARGO_TARGET_DIR
# Files are read from the checkout.
export MIRIFLAGS="-Zmiri-disable-isolation"
# Miri's processor has what it is told: beside the portable kernel, that for AVX2 runs as well. It does not know the others.
export RUSTFLAGS="-C target-feature=+avx2"
# An interpreter is a thousand times slower.
export PROPTEST_CASES="${PROPTEST_CASES:-4}"
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
nightly="$(rustup run nightly rustc --version)"

# miri CARGO-ARGUMENT... -- TEST-ARGUMENT...
miri() {
  rustup run nightly cargo miri test --locked "$@" 2>&1 | tee -a "$log" || {
    echo "error: Miri found something, or a test failed" >&2
    echo "help: run the command above alone: cargo +nightly miri test $*" >&2
    exit 1
  }
}

for part in "${parts[@]}"; do
  echo "== $part ($SECONDS s)"
  case "$part" in
    # Not what goes through millions of numbers in plain code, builds a graph of tract, or seals dozens of records: the first of
    # those in the journal and the models had not ended after five minutes.
    int8)
      miri -p synkiosk-int8 --lib --test definition -- \
        --skip requantization --skip tiles --skip largest --skip tract --skip graph
      ;;
    boards) miri -p synkiosk-boards --lib --test profiles -- ;;
    journal) miri -p synkiosk-journal --lib -- base45 record:: words when quota store --skip full_disk --skip power_cut ;;
    models) miri -p synkiosk-models --lib --test network -- photo:: pose landmarks answer evidence damaged_tensor ;;
    *) refuse "there is no part $part" "name int8, boards, journal or models" ;;
  esac
done
passed="$(sed -n 's/^test result: ok\. \([0-9]*\) passed.*/\1/p' "$log" | awk '{ sum += $1 } END { print sum + 0 }')"
[ "$passed" -gt 0 ] || refuse "no test ran" "see above"
echo "figure: miri: $passed tests passed in $SECONDS s, nothing found ($nightly)"
