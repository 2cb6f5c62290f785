#!/usr/bin/env bash
# Runs the int8 kernels of every instruction set that this processor has, and the networks of the shipped bundle on each of
# them, with the address sanitizer: every access beyond a buffer or to a freed one ends the test.
#
#   tests/supply/sanitizer.sh     takes a build of tract and some minutes of tests
#
# Needs a nightly toolchain: rustup toolchain install nightly
# Exit code 0: nothing found. 1: something was. 2: could not be checked.
set -euo pipefail
cd "$(dirname "$0")/../.."

target=x86_64-unknown-linux-gnu
refuse() { printf 'SKIPPED: the address sanitizer did NOT run: %s\nhelp: %s\n' "$1" "$2" >&2; exit 2; }
rustup run nightly rustc --version >/dev/null 2>&1 ||
  refuse "there is no nightly toolchain" "rustup toolchain install nightly"
[ -e "$(rustup run nightly rustc --print sysroot)/lib/rustlib/$target/lib/librustc-nightly_rt.asan.a" ] ||
  refuse "the nightly toolchain has no sanitizer for $target" "run this on Linux with an x86-64 processor"

CARGO_TARGET_DIR="$(realpath -m "${CARGO_TARGET_DIR:-target}")/sanitizer"
export CARGO_TARGET_DIR
# With a target, so that build scripts and macros stay as they are. The standard library is not instrumented; what the
# tests hand to it is. Some optimization, or the kernels take hours; numbers are checked for overflow all the same.
export RUSTFLAGS="-Zsanitizer=address -C debuginfo=line-tables-only"
export CARGO_PROFILE_DEV_OPT_LEVEL=1
# A quarter of the random shapes that are usual.
export PROPTEST_CASES="${PROPTEST_CASES:-400}"
log="$(mktemp)"
trap 'rm -f "$log"' EXIT

sanitized() {
  rustup run nightly cargo test --locked --target "$target" "$@" 2>&1 | tee -a "$log" || {
    echo "error: the address sanitizer found something, or a test failed" >&2
    echo "help: the first lines that begin with === say where" >&2
    exit 1
  }
}
sanitized -p synkiosk-int8 --lib --test definition
# Allocated once, then never again: a run beyond its buffers would go unnoticed elsewhere.
sanitized -p synkiosk-models --features shipped --test allocations --test shipped_kernels -- --nocapture

passed="$(sed -n 's/^test result: ok\. \([0-9]*\) passed.*/\1/p' "$log" | awk '{ sum += $1 } END { print sum + 0 }')"
[ "$passed" -gt 0 ] || refuse "no test ran" "see above"
kernels="$(sed -n 's/.*\(avx[a-z0-9_-]*\|portable\): [0-9]* golden inputs.*/\1/p' "$log" | sort -u | paste -sd' ')"
echo "figure: address sanitizer: $passed tests passed in $SECONDS s, nothing found, kernels: ${kernels:-?} ($(rustup run nightly rustc --version))"
