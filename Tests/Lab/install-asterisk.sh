#!/bin/bash
# Unpacks Asterisk 22 from Debian into a folder: nothing is installed on the machine, no root is needed.
# usage: install-asterisk.sh [FOLDER]     FOLDER: .lab/asterisk of the checkout
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
folder=${1:-$here/.lab/asterisk}
suite=${LAB_SUITE:-forky}
libraries=$folder/root/usr/lib/x86_64-linux-gnu

version() { "$libraries/ld-linux-x86-64.so.2" --library-path "$libraries" "$folder/root/usr/sbin/asterisk" -V; }

if [ -e "$folder/complete" ]; then
  version
  exit 0
fi

# The machine's own mirror and keys, with a package state of our own beside it.
mirror=$({ cat /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null || true; } |
  sed -n -e 's/^URIs: *//p' -e 's/^deb \(\[.*\] \)\{0,1\}\(http[^ ]*\) .*/\2/p' | head -1)
[ -n "$mirror" ] || { echo "no Debian mirror in /etc/apt" >&2; exit 1; }
apt=$folder/apt
rm -rf "$apt" "$folder/root"
mkdir -p "$apt"/{state/lists/partial,cache/archives/partial,etc/apt.conf.d,etc/preferences.d,packages} "$folder/root"
: > "$apt/status"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" > "$apt/etc/sources.list"
cat > "$apt/apt.conf" <<X
Dir::State "$apt/state"; Dir::State::status "$apt/status"; Dir::Cache "$apt/cache";
Dir::Etc "$apt/etc"; Dir::Etc::sourcelist "$apt/etc/sources.list"; Dir::Etc::sourceparts "-";
APT::Architecture "amd64"; APT::Architectures { "amd64"; }; APT::Install-Recommends "false";
APT::Sandbox::User "root"; Acquire::Languages "none"; Acquire::Check-Valid-Until "false";
X
export APT_CONFIG=$apt/apt.conf
apt-get update -qq

# What the modules of mkconf.sh need when they run, and no more.
packages="asterisk asterisk-modules asterisk-config asterisk-core-sounds-en-gsm asterisk-moh-opsound-gsm
  libbrotli1 libbsd0 libc6 libcap2 libcom-err2 libcrypt1 libcurl4t64 libedit2 libgcc-s1 libgsm1 libgssapi-krb5-2
  libidn2-0 libjansson4 libk5crypto3 libkeyutils1 libkrb5-3 libkrb5support0 libldap2 libmd0 libnghttp2-14 libnghttp3-9
  libngtcp2-16 libngtcp2-crypto-ossl0 libnspr4 libnss3 libopus0 libpsl5t64 libsasl2-2 libsqlite3-0 libsrtp2-1
  libssh2-1t64 libssl3t64 libstdc++6 libsystemd0 libtinfo6 libunistring5 liburiparser1 libuuid1 libxml2-16 libxslt1.1
  libzstd1 zlib1g"
# shellcheck disable=SC2086
(cd "$apt/packages" && apt-get -qq download $packages)
for package in "$apt"/packages/*.deb; do dpkg-deb -x "$package" "$folder/root"; done
chmod -R a+rX "$folder/root/etc/asterisk"
rm -rf "$apt" "$folder"/root/usr/share/{doc,man,locale,icons}
ln -sfn en_US_f_Allison "$folder/root/usr/share/asterisk/sounds/en"
version
touch "$folder/complete"
