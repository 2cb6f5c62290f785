#!/usr/bin/env bash
# What are 40 people of another source worth? "Real" people are rendered ones in another style, of other seeds.
# Usage: models/shipped/forty-people.sh FOLDER; needs target/release/synkiosk. Interrupted, run it again.
set -euo pipefail
folder=${1:?"usage: $0 FOLDER"}
here=$(dirname "$0")
synkiosk="$here/../../target/release/synkiosk"
bundle="$here/synkiosk-4.bundle"

people() { # name, number, seed, and the style if any
    if [ ! -e "$folder/$1.done" ]; then
        rm -rf "${folder:?}/$1"
        "$synkiosk" synth --protocol clinical --people "$2" --seed "$3" --out "$folder/$1" ${4:+--style "$4"}
        : > "$folder/$1.done"
    fi
}
mkdir -p "$folder"
people real 40 101 webcam
people exam 200 202 webcam
people rendered 120 303
"$synkiosk" data check "$folder/real" --protocol clinical || echo "(the check found errors; see above)"

measure() { # name, and how to train
    name=$1
    shift
    "$synkiosk" train --protocol clinical --data "$folder/real" --seed 1 --out "$folder/$name" "$@"
    "$synkiosk" quantize --run "$folder/$name"
    "$synkiosk" evaluate --run "$folder/$name" --data "$folder/exam" --json > "$folder/$name.json"
}
"$synkiosk" evaluate --bundle "$bundle" --data "$folder/exam" --json > "$folder/shipped-alone.json"
measure fresh --copies 12
measure init --init "$bundle" --copies 12
measure mix --mix "$folder/rendered" --mix-weight 0.25 --epochs 12
measure init-mix --init "$bundle" --mix "$folder/rendered" --mix-weight 0.25
echo "measured on 200 people in the style of the 40: $folder/{shipped-alone,fresh,init,mix,init-mix}.json"
