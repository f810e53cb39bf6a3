#!/usr/bin/env bash
# Finds a Chromium or Chrome for the browser tests of the web page; where there is none, installs Debian's package.
#
#   TEST_CHROMIUM=$(bash .ci/install-chromium.sh)     prints the path of the browser
#
# To install it, needs apt-get and root or sudo. All messages go to stderr.
# Exit status: 0 it is there; 1 it could not be installed.
set -euo pipefail

say() { echo "install-chromium: $*" >&2; }

find_browser() { command -v chromium || command -v chromium-browser || command -v google-chrome; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

install_browser() {
  say "installing Debian's chromium …"
  as_root apt-get update -qq >&2
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -qq --yes --no-install-recommends chromium fonts-liberation >&2
}

find_browser && exit
command -v apt-get >/dev/null || { say "there is no apt-get: install Chromium by hand, and set TEST_CHROMIUM to its path."; exit 1; }
install_browser || { say "apt-get could not install chromium: see the lines above; a package index must be reachable."; exit 1; }
find_browser
