#!/usr/bin/env bash
# Makes the shipped bundle again, from nothing: draws the people, trains, quantizes, measures, signs.
# Usage: models/shipped/make.sh WORK-FOLDER      (about 15 minutes on two cores; an interrupted run goes on)
set -euo pipefail
cd "$(dirname "$0")/../.."
work=${1:?name a folder for the data set and the run}
mkdir -p "$work"

cargo build --release -p synkiosk-host
synkiosk=target/release/synkiosk

[ -e "$work/data" ] || "$synkiosk" synth --protocol clinical --people 400 --seed 2026 --out "$work/data"
"$synkiosk" train --protocol clinical --data "$work/data" --seed 2026 --out "$work/run"
"$synkiosk" quantize --run "$work/run"
"$synkiosk" evaluate --run "$work/run" --split test
"$synkiosk" bundle --run "$work/run" --key models/shipped/demo.key --out models/shipped/synkiosk-2.bundle
"$synkiosk" verify models/shipped/synkiosk-2.bundle
