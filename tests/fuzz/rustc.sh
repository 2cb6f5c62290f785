#!/bin/sh
# A compiler for cargo: instruments what reads foreign bytes, so that the fuzzer sees which way each input takes, and
# has sums that overflow in this project's own crates stop the program. The flags are those of
# cargo-fuzz without a sanitizer, for which a stable compiler will do, and with less optimization, which takes minutes.
rustc="$1"
shift
# This project's crates, and those that bytes go through. Networks, faces, curves and training would only be slowed down.
instrumented="synkiosk_boards synkiosk_models synkiosk_journal synkiosk_device synkiosk_host synkiosk_fuzz
  minisign_verify tar safetensors toml toml_parser toml_datetime winnow serde_json serde_spanned
  image png zune_jpeg zune_core fdeflate rqrr g2p age age_core cookie_factory nom
  csv csv_core fatfs ext4_view mbrman multer httparse"
name=
previous=
# Macros and build scripts, and what they use, run in the compiler: they are built without optimization.
optimized=no
for argument in "$@"; do
  [ "$previous" = --crate-name ] && name="$argument"
  [ "$argument" = opt-level=3 ] && optimized=yes
  previous="$argument"
done
[ "$optimized" = yes ] || exec "$rustc" "$@"
for crate in $instrumented; do
  if [ "$crate" = "$name" ]; then
    case "$crate" in synkiosk_*) set -- "$@" -C overflow-checks=on ;; esac
    exec "$rustc" "$@" -C opt-level=1 --cfg fuzzing -C passes=sancov-module -C llvm-args=-sanitizer-coverage-level=4 \
      -C llvm-args=-sanitizer-coverage-inline-8bit-counters -C llvm-args=-sanitizer-coverage-pc-table \
      -C llvm-args=-sanitizer-coverage-trace-compares
  fi
done
exec "$rustc" "$@"
