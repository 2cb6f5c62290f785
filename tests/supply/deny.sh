#!/usr/bin/env bash
# Asks cargo deny whether every crate has a permissive licence, comes from crates.io, is asked for by a version, and is there
# once; and, where the list of advisories can be fetched, whether any is known to be flawed or was withdrawn.
#
#   tests/supply/deny.sh
#
# Needs: cargo install cargo-deny --locked
# Exit code 0: all holds. 1: something does not. 2: could not be checked, or not all of it.
set -euo pipefail
cd "$(dirname "$0")/../.."

cargo deny --version >/dev/null 2>&1 || {
  echo "SKIPPED: licences, sources and advisories were NOT checked: there is no cargo-deny" >&2
  echo "help: cargo install cargo-deny --locked" >&2
  exit 2
}
config="$PWD/tests/supply/deny.toml"
refuse() { printf 'error: %s\nhelp: %s\n' "$1" "see tests/supply/deny.toml, and cargo tree --invert for who brings it" >&2; exit 1; }

echo "== everything that is built"
cargo deny --locked --workspace check --config "$config" --allow duplicate --allow unmatched-skip \
  licenses bans sources || refuse "the workspace has a crate that may not be there"
echo "== what a clinic gets"
cargo deny --locked --manifest-path device/Cargo.toml --exclude-dev --target aarch64-unknown-linux-gnu \
  --no-default-features --features appliance check --config "$config" \
  licenses bans sources || refuse "the appliance has a crate that may not be there"
crates="$(cargo tree --locked --workspace --edges normal,build,dev --prefix none --format '{p}' | sort -u | grep -c ' v')"
echo "figure: deny: licences, sources and bans hold for $crates crates"

echo "== advisories"
database="$(mktemp -d)"
trap 'rm -rf "$database"' EXIT
if ! timeout 120 cargo deny --locked --workspace fetch --config "$config" db >"$database/log" 2>&1; then
  tail -3 "$database/log" >&2
  echo "SKIPPED: ADVISORIES WERE NOT CHECKED: the RustSec list cannot be fetched" >&2
  echo "help: run this once on a machine that reaches github.com" >&2
  exit 2
fi
cargo deny --locked --workspace check --config "$config" --disable-fetch advisories ||
  refuse "a crate is known to be flawed, unmaintained or withdrawn"
echo "figure: deny: no advisory"
