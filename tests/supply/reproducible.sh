#!/usr/bin/env bash
# Builds the appliance twice and compares the bytes: from two clones of what is committed here, in folders of
# different length, into different target folders, with crates from different folders.
#
#   tests/supply/reproducible.sh              takes two builds' time, some ten minutes on two cores, and 3 GB meanwhile
#   tests/supply/reproducible.sh --packages   arguments are given on to device/build.sh
#
# Exit code 0: equal. 1: they differ. 2: could not be checked.
set -euo pipefail
cd "$(dirname "$0")/../.."

refuse() { printf 'error: %s\nhelp: %s\n' "$1" "$2" >&2; exit 2; }
for tool in git cargo aarch64-linux-gnu-gcc sha256sum; do
  command -v "$tool" >/dev/null ||
    refuse "not checked whether builds are equal: there is no $tool" "install it; device/build.sh says how"
done
commit="$(git rev-parse HEAD)" || refuse "this is no clone" "run it in a clone of the repository"
git diff --quiet HEAD || echo "note: what is not committed is not in these builds" >&2

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
crates="${CARGO_HOME:-$HOME/.cargo}"

# build CHECKOUT TARGET CRATES [ARGUMENT...]: the last line is the program's path.
build() {
  local checkout="$1" output="$2" crates="$3"
  shift 3
  git clone --quiet . "$checkout"
  # Not what is committed meanwhile.
  git -C "$checkout" checkout --quiet --detach "$commit"
  mkdir -p "$output"
  CARGO_TARGET_DIR="$output" CARGO_HOME="$crates" "$checkout/device/build.sh" "$@" | tail -1
}

first="$(build "$work/a" "$work/a/target" "$crates" "$@")" || refuse "the first build failed" "see above"

# The same packages once more, so that nothing needs to be fetched again; they are unpacked anew.
others="$work/another/folder of crates"
mkdir -p "$others/registry"
for part in registry/cache registry/index config.toml; do
  [ ! -e "$crates/$part" ] || cp -a "$crates/$part" "$others/$part"
done
second="$(build "$work/another/and much longer folder" "$work/outputs" "$others" "$@")" ||
  refuse "the second build failed" "see above"

digest() { sha256sum <"$1" | cut -d' ' -f1; }
if [ "$(digest "$first")" != "$(digest "$second")" ]; then
  cmp "$first" "$second" >&2 || true
  kept="$(mktemp -d)"
  cp "$first" "$kept/first" && cp "$second" "$kept/second"
  printf 'error: two builds of %s differ\nhelp: compare %s with readelf, strings and cmp\n' "$commit" "$kept/*" >&2
  exit 1
fi
echo "figure: reproducible: two builds of ${commit:0:12} are equal, SHA-256 $(digest "$first")"
