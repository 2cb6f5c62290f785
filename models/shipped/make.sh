#!/usr/bin/env bash
# Makes the shipped bundle again, from nothing: draws the people, trains, quantizes, measures, signs.
# Usage: models/shipped/make.sh WORK-FOLDER      (about an hour on two cores; an interrupted run goes on)
set -euo pipefail
cd "$(dirname "$0")/../.."
work=${1:?name a folder for the data set and the run}
mkdir -p "$work"

cargo build --release -p synkiosk-host
synkiosk=target/release/synkiosk

people() { # folder, protocol, number, seed
  [ -e "$work/$1" ] || "$synkiosk" synth --protocol "$2" --people "$3" --seed "$4" --out "$work/$1"
}
people data clinical 400 2026
# Others than those above, so that nobody in their test part is known to either network.
people turned turned 400 2027
people frontal clinical 300 2028
"$synkiosk" landmarks --data "$work/turned" --epochs 30 --out "$work/landmarks-first"
"$synkiosk" landmarks --init "$work/landmarks-first" --data "$work/turned" --data "$work/frontal" --epochs 15 \
  --out "$work/landmarks-second"
"$synkiosk" landmarks --init "$work/landmarks-second" --data "$work/turned" --data "$work/frontal" --epochs 20 \
  --out "$work/landmarks"
"$synkiosk" train --protocol clinical --data "$work/data" --seed 2026 --landmarks "$work/landmarks" --out "$work/run"
"$synkiosk" quantize --run "$work/run"
"$synkiosk" evaluate --run "$work/run" --split test --html "$work/report.html"
"$synkiosk" bundle --run "$work/run" --key models/shipped/demo.key --version 4 --out "$work/synkiosk-4.bundle"
"$synkiosk" verify "$work/synkiosk-4.bundle"
mv "$work/synkiosk-4.bundle" models/shipped/
