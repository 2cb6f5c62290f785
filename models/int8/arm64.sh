#!/usr/bin/env bash
# Runs the tests of the arithmetic on emulated arm64 processors: one without dot product (Cortex-A72) and one with it.
#
#   models/int8/arm64.sh          skips, and says so, where something is missing
#   models/int8/arm64.sh --must   fails instead
#
# Installs nothing. Needs, on Debian:
#   rustup target add aarch64-unknown-linux-gnu
#   apt-get install --no-install-recommends gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static
set -euo pipefail
cd "$(dirname "$0")/../.."

target=aarch64-unknown-linux-gnu
missing=()
command -v aarch64-linux-gnu-gcc >/dev/null || missing+=("aarch64-linux-gnu-gcc (packages gcc-aarch64-linux-gnu libc6-dev-arm64-cross)")
command -v qemu-aarch64-static >/dev/null || missing+=("qemu-aarch64-static (package qemu-user-static)")
[ -d "$(rustc --print sysroot)/lib/rustlib/$target" ] || missing+=("Rust's library for arm64 (rustup target add $target)")
if [ ${#missing[@]} -gt 0 ]; then
  echo "SKIPPED: the int8 kernels were NOT tested on arm64. Missing:" >&2
  printf '  %s\n' "${missing[@]}" >&2
  [ "${1:-}" = --must ] && exit 1
  exit 0
fi

export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUSTFLAGS="-C target-feature=+crt-static"
export CC_aarch64_unknown_linux_gnu=aarch64-linux-gnu-gcc
# Emulation is slow: fewer random shapes than on the machine itself.
export PROPTEST_CASES="${PROPTEST_CASES:-200}"

# Both packages each time, so that what is below them is built once.
both=(--release --target "$target" -p synkiosk-int8 -p synkiosk-models)
# The kernels are built as they are shipped; tract, around them, takes minutes to optimize and here hardly runs.
both+=(--config 'profile.release.package."*".opt-level=0')
for cpu in cortex-a72 max; do
  echo "== $cpu"
  export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER="qemu-aarch64-static -cpu $cpu"
  # Of the unit tests only those of the arithmetic.
  cargo test "${both[@]}" --lib -- convolution:: dense:: head:: plane:: requantization:: tiles::
  # Every kernel that this processor has against the definition, and the shipped bundle's golden inputs on each.
  cargo test "${both[@]}" --test definition --test shipped_kernels -- --nocapture
done
