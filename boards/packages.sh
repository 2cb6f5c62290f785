#!/usr/bin/env bash
# Fetches what an image is made of besides our own program: kernel, modules, device trees and firmware, from Debian.
#
#   boards/packages.sh FOLDER                 unpacks them into FOLDER, for `synkiosk image --packages FOLDER`
#   boards/packages.sh FOLDER --test-camera   and builds the camera made of software that the board `vm` has
#   boards/packages.sh --pin                  prints packages.txt with the versions that Debian has today
#
# Versions and digests are those of packages.txt; nothing else is unpacked. Nothing is installed, and the machine's own
# list of sources stays as it is. Needs apt, depmod (package kmod), and for the camera make and gcc-aarch64-linux-gnu.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
list="$here/packages.txt"

refuse() { printf 'error: %s\nhelp: %s\n' "$1" "$2" >&2; exit 2; }
usage() { sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2; }

folder='' pin=no camera=no
for argument in "$@"; do
  case "$argument" in
    --pin) pin=yes ;;
    --test-camera) camera=yes ;;
    -*) usage ;;
    *) [ -z "$folder" ] || usage; folder="$argument" ;;
  esac
done
[ "$pin" = yes ] || [ -n "$folder" ] || usage
for tool in apt-get dpkg sha256sum; do
  command -v "$tool" >/dev/null || refuse "there is no $tool" "run this on Debian, or in a container of it"
done
[ "$pin" = yes ] || PATH="$PATH:/usr/sbin:/sbin" command -v depmod >/dev/null ||
  refuse "there is no depmod" "apt-get install kmod"

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# An apt of our own: the mirrors that this machine has Debian from, with its firmware, for this machine and for arm64.
mkdir -p "$work"/{state/lists/partial,cache/archives/partial,packages}
: >"$work/status"
host="$(dpkg --print-architecture)"
# The release that packages.txt is pinned in.
release=bookworm
apt-get indextargets --format '$(SITE) $(RELEASE) $(COMPONENT)' | sort -u |
  awk -v release="$release" '$3 == "main" && index($2, release) == 1 { print "deb", $1, $2, "main non-free-firmware" }' \
    >"$work/sources.list"
[ -s "$work/sources.list" ] || refuse "this machine has no mirror of Debian $release" "run this on Debian $release, after apt-get update"
cat >"$work/apt.conf" <<END
Dir::Etc::sourcelist "$work/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::State "$work/state";
Dir::State::status "$work/status";
Dir::Cache "$work/cache";
APT::Architectures { "$host"; "arm64"; };
APT::Sandbox::User "root";
Acquire::Languages "none";
END
export APT_CONFIG="$work/apt.conf"
apt-get update -q >"$work/update.log" 2>&1 ||
  { tail -5 "$work/update.log" >&2; refuse "Debian's lists cannot be had" "see that the mirrors of apt can be reached"; }

# use, package, architecture, version, SHA-256; architecture `host` is this machine's.
entries() { grep -Ev '^ *(#|$)' "$list"; }
actual() { if [ "$1" = host ]; then echo "$host"; else echo "$1"; fi; }

if [ "$pin" = yes ]; then
  grep '^#' "$list"
  entries | while read -r use package architecture _; do
    about="$(apt-cache show --no-all-versions "$package:$(actual "$architecture")")" ||
      refuse "Debian has no $package any more" "put its successor's name into $list: apt-cache search linux-image"
    field() { sed -n "s/^$1: //p" <<<"$about" | head -1; }
    echo "$use $package $architecture $(field Version) $(field SHA256)"
  done
  exit
fi

mkdir -p "$folder"
folder="$(cd "$folder" && pwd)"
rm -rf "${folder:?}/unpacked" "$folder/build" "$folder/packages.txt"
mkdir -p "$folder/unpacked" "$folder/build"
entries | while read -r use package architecture version digest; do
  [ "$use" != test-camera ] || [ "$camera" = yes ] || continue
  architecture="$(actual "$architecture")"
  (cd "$work/packages" && rm -f ./*.deb && apt-get download -q "$package:$architecture=$version") >"$work/download.log" 2>&1 || {
    tail -3 "$work/download.log" >&2
    refuse "$package $version cannot be had" \
      "if Debian has a newer one: boards/packages.sh --pin, put what it prints into $list, and test the image anew"
  }
  file="$(ls "$work/packages"/*.deb)"
  found="$(sha256sum "$file" | cut -d' ' -f1)"
  [ "$found" = "$digest" ] ||
    refuse "$package $version has the digest $found, and $list says $digest" "do not use it; find out who changed which"
  if [ "$use" = test-camera ]; then into="$folder/build"; else into="$folder/unpacked"; fi
  dpkg -x "$file" "$into"
  echo "$use $package $architecture $version $digest" >>"$folder/packages.txt"
  echo "$package $version"
done

kernel="$(basename "$folder"/unpacked/boot/vmlinuz-*)"
kernel="${kernel#vmlinuz-}"
if [ "$camera" = yes ]; then
  command -v aarch64-linux-gnu-gcc >/dev/null || refuse "there is no aarch64-linux-gnu-gcc" "apt-get install gcc-aarch64-linux-gnu"
  # The kernel's build files name each other by the paths that they are installed under.
  headers="$folder/build/usr/src/linux-headers-$kernel"
  common="$(basename "$folder"/build/usr/src/linux-headers-*-common)"
  kbuild="$(basename "$folder"/build/usr/lib/linux-kbuild-*)"
  sed -i "s,/usr/src/linux-headers,$folder/build/usr/src/linux-headers,g" "$headers/Makefile"
  for link in scripts tools; do ln -sfn "$folder/build/usr/lib/$kbuild/$link" "$folder/build/usr/src/$common/$link"; done
  for link in scripts tools; do ln -sfn "$folder/build/usr/lib/$kbuild/$link" "$headers/$link"; done
  sources="$(dirname "$folder"/build/usr/src/v4l2loopback-*/Makefile)"
  make -C "$headers" M="$sources" ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- modules >"$folder/build/log" 2>&1 || {
    tail -20 "$folder/build/log" >&2
    refuse "v4l2loopback could not be built" "see $folder/build/log"
  }
  mkdir -p "$folder/unpacked/lib/modules/$kernel/updates"
  aarch64-linux-gnu-strip --strip-debug "$sources/v4l2loopback.ko" -o "$folder/unpacked/lib/modules/$kernel/updates/v4l2loopback.ko"
fi
rm -rf "$folder/build"
PATH="$PATH:/usr/sbin:/sbin" depmod -b "$folder/unpacked" "$kernel"
echo "$folder: kernel $kernel"
