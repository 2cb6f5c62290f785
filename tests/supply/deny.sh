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
cargo deny --config "$config" --locked --workspace check --allow duplicate --allow unmatched-skip \
  --hide-inclusion-graph licenses bans sources || refuse "the workspace has a crate that may not be there"
echo "== what a clinic gets"
cargo deny --config "$config" --locked --manifest-path device/Cargo.toml --exclude-dev --target aarch64-unknown-linux-gnu \
  --no-default-features --features appliance check --allow license-exception-not-encountered \
  --hide-inclusion-graph licenses bans sources || refuse "the appliance has a crate that may not be there"
crates="$(cargo tree --locked --workspace --edges normal,build,dev --prefix none --format '{p}' | sort -u | grep -c ' v')"
echo "figure: deny: licences, sources and bans hold for $crates crates"

echo "== advisories, and crates that were withdrawn"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
check_advisories() {
  cargo deny --config "$1" --locked --workspace check --hide-inclusion-graph advisories ||
    refuse "a crate is known to be flawed, unmaintained or withdrawn"
}
if timeout 120 cargo deny --config "$config" --locked --workspace fetch db >"$work/log" 2>&1; then
  check_advisories "$config"
  echo "figure: deny: no advisory, none withdrawn"
  exit 0
fi

# Whether a crate was withdrawn is asked of crates.io; cargo deny does so only beside a list of advisories: one of no crate.
mkdir -p "$work/list/crates/no-such-crate"
printf '```toml\n[advisory]\nid = "RUSTSEC-2000-0001"\npackage = "no-such-crate"\ndate = "2000-01-01"\n[versions]\npatched = []\n```\n\n# %s\n\n%s\n' \
  "Of no crate" "So that there is one." >"$work/list/crates/no-such-crate/RUSTSEC-2000-0001.md"
git -C "$work/list" init --quiet --initial-branch main
git -C "$work/list" add .
git -C "$work/list" -c user.name=nobody -c user.email=nobody@localhost commit --quiet --message "A list of nothing"
sed "s|^\[advisories\]|&\ndb-path = \"$work/database\"|" "$config" >"$work/deny.toml"
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0="url.file://$work/list.insteadOf"
export GIT_CONFIG_VALUE_0=https://github.com/RustSec/advisory-db
check_advisories "$work/deny.toml"
echo "figure: deny: none withdrawn"
tail -2 "$work/log" >&2
echo "SKIPPED: ADVISORIES WERE NOT CHECKED: the RustSec list cannot be fetched" >&2
echo "help: run this on a machine that reaches github.com" >&2
exit 2
