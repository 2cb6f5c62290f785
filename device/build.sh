#!/usr/bin/env bash
# Builds the appliance: one static arm64 program, which is all that runs on a board.
#
#   device/build.sh                with rustup's library for arm64, or with Debian's where that cannot be had
#   device/build.sh --packages     with Debian's at once
#   device/build.sh --test-image   with the faults that the virtual machine's test asks for; never for a clinic
#
# The last line of its output is the program's path; beside it stands what it is made of, synkiosk-device.cdx.json.
# Needs a cross compiler; installs nothing but Rust's library:
#   apt-get install --no-install-recommends gcc-aarch64-linux-gnu libc6-dev-arm64-cross
# With Debian's packages besides: dpkg --add-architecture arm64 && apt-get update
set -euo pipefail
cd "$(dirname "$0")/.."
checkout="$(pwd -P)"

target=aarch64-unknown-linux-gnu
# 12 MiB: it is read whole from a card by a boot loader, and kept in memory twice for a moment.
most_bytes=$((12 * 1024 * 1024))
features=appliance
way=rustup
for argument in "$@"; do
  case "$argument" in
    --packages) way=packages ;;
    --test-image) features=test-image ;;
    *) sed -n '2,11s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
  esac
done

output="$(realpath -m "${CARGO_TARGET_DIR:-target}")"
refuse() { printf 'error: %s\nhelp: %s\n' "$1" "$2" >&2; exit 2; }
command -v aarch64-linux-gnu-gcc >/dev/null ||
  refuse "there is no aarch64-linux-gnu-gcc" "apt-get install --no-install-recommends gcc-aarch64-linux-gnu libc6-dev-arm64-cross"

# Rust's library for arm64 as rustup gives it.
has_rustup_library() {
  [ -d "$(rustc --print sysroot)/lib/rustlib/$target" ] || rustup target add "$target" >&2
}

# Debian's compiler and its two libraries, unpacked into a folder and not installed: they would conflict with others.
debian_rust() {
  local folder="$output/debian-rust"
  if [ ! -x "$folder/rustc" ]; then
    rm -rf "$folder" && mkdir -p "$folder/packages"
    (
      cd "$folder/packages"
      # The library's own name carries the compiler's version.
      library="$(apt-cache depends libstd-rust-web-dev | sed -n 's/.*Depends: \(libstd-rust-web-[0-9.]*\).*/\1/p' | head -1)"
      llvm="$(apt-cache depends "$library" | sed -n 's/.*Depends: \(libllvm[0-9]*\).*/\1/p' | head -1)"
      apt-get download rustc-web "$library" libstd-rust-web-dev libstd-rust-web-dev:arm64 "$llvm"
      for package in *.deb; do dpkg -x "$package" ..; done
    ) >&2 || refuse "Debian's Rust for arm64 cannot be had" "dpkg --add-architecture arm64 && apt-get update"
    rm -rf "$folder/packages"
    cat >"$folder/rustc" <<EOF
#!/bin/sh
LD_LIBRARY_PATH="$folder/usr/lib/$(uname -m)-linux-gnu" exec "$folder/usr/bin/rustc" "\$@"
EOF
    chmod +x "$folder/rustc"
  fi
  echo "$folder/rustc"
}

if [ "$way" = rustup ] && ! has_rustup_library; then
  echo "rustup has no library for $target: taking Debian's" >&2
  way=packages
fi
if [ "$way" = packages ]; then
  RUSTC="$(debian_rust)"
  export RUSTC
  # Another compiler's outputs cannot be linked with this one's.
  output="$output/debian-rust/target"
fi

# What is fetched is the same for every build; where it lies differs.
cargo fetch --locked --target "$target" >&2
flags=(-C target-feature=+crt-static -C link-arg=-Wl,--build-id=none)
# No folder of this machine gets into the program, so that two builders make equal bytes (tests/supply/reproducible.sh).
# The last that fits counts: a target folder may lie in the checkout.
flags+=("--remap-path-prefix=$checkout=/synkiosk" "--remap-path-prefix=$output=/target")
for crates in "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*/; do
  flags+=("--remap-path-prefix=${crates%/}=/crates")
done
# Of another's RUSTFLAGS none may get in; between two flags stands a sign that no path has.
encoded="$(printf '%s\037' "${flags[@]}")"
program="$output/$target/appliance/synkiosk-device"
# A test image comes out where a clinic's program does, with which it shares all crates but one; that one is put aside.
clinics="$program"
put_back() { [ ! -e "$clinics.kept" ] || mv "$clinics.kept" "$clinics"; }
if [ "$features" = test-image ] && [ -e "$clinics" ]; then
  trap put_back EXIT
  mv "$clinics" "$clinics.kept"
fi
# age writes down when its texts were unpacked, unless it is told a time: that of everything on a card.
export SOURCE_DATE_EPOCH=1577836800
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
export CC_aarch64_unknown_linux_gnu=aarch64-linux-gnu-gcc
CARGO_ENCODED_RUSTFLAGS="${encoded%$'\037'}" \
  cargo build --locked --target "$target" --target-dir "$output" --profile appliance \
  --package synkiosk-device --no-default-features --features "$features" >&2

if [ "$features" = test-image ]; then
  mkdir -p "$output/$target/test-image"
  mv "$program" "$output/$target/test-image/synkiosk-device"
  program="$output/$target/test-image/synkiosk-device"
fi
bytes="$(stat --format %s "$program")"
if [ "$features" = appliance ]; then
  echo "figure: appliance: $bytes bytes, at most $most_bytes (${RUSTC:-$(rustc --version)})"
  [ "$bytes" -le "$most_bytes" ] || refuse "the program is larger than $most_bytes bytes" "find out what came in with cargo tree"
else
  echo "figure: test image: $bytes bytes"
fi
if aarch64-linux-gnu-readelf --program-headers "$program" | grep -q INTERP; then
  refuse "the program is not static" "build without other RUSTFLAGS"
fi

# What it is made of, beside it: `synkiosk image` puts that list on the card. Besides crates, three libraries are linked.
compiler="$("${RUSTC:-rustc}" --version)"
version="$(cut -d' ' -f2 <<<"$compiler")"
libraries=("rust-std|$version|pkg:generic/rust-std@$version|MIT OR Apache-2.0")
# debian_library FILE LICENCE
debian_library() {
  local package version
  package="$(dpkg-query --search "$(realpath "$(aarch64-linux-gnu-gcc "-print-file-name=$1")")" 2>/dev/null | cut -d: -f1)" || true
  version="$(dpkg-query --show --showformat '${Version}' "${package:-$1}" 2>/dev/null)" || version=unknown
  libraries+=("${package:-$1}|$version|pkg:deb/debian/${package:-$1}@$version|$2")
}
debian_library libc.a LGPL-2.1-or-later
debian_library libgcc.a "GPL-3.0-or-later WITH GCC-exception-3.1"
cargo run --quiet --locked --target-dir "$output" --package synkiosk-components -- \
  "$program" "$target" "$features" "$compiler" "${libraries[@]}" >&2
echo "$program"
