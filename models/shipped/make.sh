#!/usr/bin/env bash
# Makes the shipped bundle again, from nothing: draws the people, trains, quantizes, measures, signs.
# Usage: models/shipped/make.sh WORK-FOLDER      (about 30 minutes on two cores; an interrupted run goes on)
set -euo pipefail
cd "$(dirname "$0")/../.."
work=${1:?name a folder for the data set and the run}
mkdir -p "$work"

cargo build --release -p synkiosk-host
synkiosk=target/release/synkiosk

[ -e "$work/data" ] || "$synkiosk" synth --protocol clinical --people 400 --seed 2026 --out "$work/data"
"$synkiosk" landmarks --data "$work/data" --epochs 30 --out "$work/landmarks"
"$synkiosk" train --protocol clinical --data "$work/data" --seed 2026 --landmarks "$work/landmarks" --out "$work/run"
"$synkiosk" quantize --run "$work/run"
"$synkiosk" evaluate --run "$work/run" --split test
# The audit's finding on the background is known; whoever mends it takes the reason out.
"$synkiosk" bundle --run "$work/run" --key models/shipped/demo.key --version 2 \
  --despite-audit "Single pictures hang on the background too much: with noise around the face 15.8 % of the calls change (limit 10 %), with another picture's surroundings 4.6 %. Rendered training rooms are too plain." \
  --out models/shipped/synkiosk-2.bundle
"$synkiosk" verify models/shipped/synkiosk-2.bundle
