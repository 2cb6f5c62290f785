#!/usr/bin/env bash
# Fuzzes what reads foreign bytes.
#
#   tests/fuzz/run.sh --short                     each target for some seconds, as the continuous checks do
#   tests/fuzz/run.sh --campaign MINUTES [TARGET…]  one after the other, with the libraries instrumented as well
#   tests/fuzz/run.sh --keep [TARGET…]            takes some of what campaigns found into tests/fuzz/corpus
#
# An input that breaks a promise is put into tests/fuzz/found, where every later test goes through it. Exit code 0: all
# promises kept; 1: one was broken; 2: could not fuzz.
set -euo pipefail
cd "$(dirname "$0")/../.."

output="${CARGO_TARGET_DIR:-target}"
here=tests/fuzz
seconds_short="${FUZZ_SECONDS:-6}"
# An input that takes longer keeps a kiosk waiting: machines that run this are slow at times, so it is long.
longest_seconds=60
most_megabytes=2048

usage() { sed -n '2,10s/^# \{0,1\}//p' "$0" >&2; exit 2; }
refuse() { printf 'error: %s\nhelp: %s\n' "$1" "$2" >&2; exit 2; }
[ "$(uname -s)" = Linux ] || refuse "the fuzzer is built on Linux alone" "use a Linux machine or a container"

# Builds the program, and prints its path: `build OUTPUT WRAPPER`.
build() {
  env "$2=$PWD/$here/rustc.sh" cargo test --release --target-dir "$1" --workspace --features synkiosk-fuzz/libfuzzer \
    --test fuzz --no-run 2>&1 | tee >(cat >&2) | sed -n 's/.*Executable.*(\(.*\))$/\1/p' ||
    refuse "the fuzzer could not be built" "it needs a C++ compiler; what was missing stands above"
}

# Every seed, and what is kept in the repository: `seeds FOLDER`.
seeds() {
  FUZZ_SEEDS="$(realpath -m "$1")" cargo test --release -q --workspace --test replay write_seeds -- --ignored --nocapture |
    sed -n 's/^targets: //p'
}

# `fuzz PROGRAM TARGET INPUTS SECONDS LOG`: prints one line; 1 where a promise was broken.
fuzz() {
  local program="$1" target="$2" inputs="$3" seconds="$4" log="$5" code=0
  mkdir -p "$inputs" "$here/found/$target"
  local known=()
  [ -d "$here/corpus/$target" ] && known+=("$here/corpus/$target")
  FUZZ_TARGET="$target" "$program" -seed=1 -max_total_time="$seconds" -timeout="$longest_seconds" \
    -rss_limit_mb="$most_megabytes" -max_len="$(longest "$target")" -print_final_stats=1 -verbosity=1 \
    -artifact_prefix="$here/found/$target/" "$inputs" "${known[@]}" >"$log" 2>&1 || code=$?
  rmdir "$here/found/$target" 2>/dev/null || true
  local executions coverage
  executions="$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")"
  coverage="$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -1)"
  echo "figure: $target: ${executions:-no} executions in $seconds s, $coverage edges, $(find "$inputs" -type f | wc -l) inputs"
  if [ "$code" != 0 ]; then
    tail -n 30 "$log" >&2
    echo "error: $target breaks a promise; the input is in $here/found/$target" >&2
    return 1
  fi
}

longest() { sed -n "s/.*name: \"$1\", longest: \([0-9]*\) << 10.*/\1 * 1024/p" "$here/src/lib.rs" | { read -r sum; echo $((sum)); }; }

mode="${1:-}"
shift || true
case "$mode" in
  --short)
    program="$(build "$output" RUSTC_WORKSPACE_WRAPPER)"
    work="$(mktemp -d)"
    trap 'rm -rf "$work"' EXIT
    read -r -a targets <<<"$(seeds "$work")"
    [ "${#targets[@]}" -gt 0 ] || refuse "no seeds were written" "run cargo test --release --workspace --test replay"
    broken=0
    for target in "${targets[@]}"; do
      fuzz "$program" "$target" "$work/$target" "$seconds_short" "$work/$target.log" || broken=1
    done
    exit "$broken"
    ;;
  --campaign)
    minutes="${1:-}"
    [[ "$minutes" =~ ^[0-9]+$ ]] || usage
    shift
    work="$output/fuzz"
    mkdir -p "$work/inputs"
    read -r -a all <<<"$(seeds "$work/inputs")"
    program="$(build "$work" RUSTC_WRAPPER)"
    broken=0
    ln -sf "$(realpath "$program")" "$work/program"
    [ $# -gt 0 ] || set -- "${all[@]}"
    for target in "$@"; do
      fuzz "$program" "$target" "$work/inputs/$target" $((60 * minutes)) "$work/$target.log" || broken=1
    done
    exit "$broken"
    ;;
  --keep)
    work="$output/fuzz"
    [ -x "$work/program" ] || refuse "there was no campaign" "run tests/fuzz/run.sh --campaign first"
    # shellcheck disable=SC2046
    [ $# -gt 0 ] || set -- $(ls "$work/inputs")
    for target in "$@"; do
      rm -rf "$work/merged" && mkdir -p "$work/merged" "$here/corpus/$target"
      FUZZ_TARGET="$target" "$work/program" -set_cover_merge=1 -max_len="$(longest "$target")" "$work/merged" \
        "$here/corpus/$target" "$work/inputs/$target" >"$work/$target.merge.log" 2>&1 ||
        refuse "the inputs of $target could not be merged" "see $work/$target.merge.log"
      rm -rf "${here:?}/corpus/$target" && mkdir -p "$here/corpus/$target"
      # 40 of all sizes up to 4 KiB: each of the thousands would be looked through by every test.
      find "$work/merged" -type f -size -9 -printf '%s %f\n' | sort -n |
        awk '{ line[NR] = $0 } END { n = NR < 40 ? NR : 40; for (i = 0; i < n; i++) print line[1 + int(i * NR / n)] }' |
        while read -r _ name; do
          cp "$work/merged/$name" "$here/corpus/$target/${name:0:12}"
        done
      echo "figure: $target: $(find "$here/corpus/$target" -type f | wc -l) of $(find "$work/merged" -type f | wc -l) inputs kept"
    done
    ;;
  *) usage ;;
esac
