#!/usr/bin/env bash
# Fetches Deque's axe-core (MPL-2.0), which the browser's tests look for barriers with. It is not kept in this repository.
# Needs npm and openssl.
#
#   tests/browser/axe.sh [TARGET]
set -euo pipefail
cd "$(dirname "$0")/../.."

version=4.14.1
digest=sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==
folder="${1:-${CARGO_TARGET_DIR:-target}}/tmp"
mkdir -p "$folder"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

(cd "$work" && npm pack --silent "axe-core@$version" >/dev/null)
found="sha512-$(openssl dgst -sha512 -binary "$work/axe-core-$version.tgz" | base64 -w0)"
if [ "$found" != "$digest" ]; then
  echo "error: axe-core $version has the digest $found" >&2
  echo "help: compare with what npm says of this version; take nothing that is not it" >&2
  exit 1
fi
tar -xzf "$work/axe-core-$version.tgz" -C "$work" package/axe.min.js
mv "$work/package/axe.min.js" "$folder/axe.min.js"
