#!/usr/bin/env bash
# Installs a fresh clone with each pnpm that people have, and with npm, and starts the program: whoever clones uses the one that is there.
#
#   bash .ci/install-with-each-pnpm.sh FOLDER
#
# FOLDER (created where it is missing) gets the package managers, a clone for each, and an empty home. Needs npm and git. pnpm 11 and later need
# Node 22.13, which npm's package `node` brings.
# Exit status: 0 all installed and started; 1 one did not, or warned about a setting of the workspace.
set -uo pipefail

say() { echo "install-with-each-pnpm: $*" >&2; }

mkdir -p "$1/home"
folder=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
root=$PWD
npm_config_registry=$(npm config get registry)
export npm_config_registry HOME="$folder/home"
unset XDG_DATA_HOME XDG_CONFIG_HOME XDG_CACHE_HOME

# bring PACKAGE@VERSION NAME: into FOLDER/NAME
bring() {
  npm install --no-save --no-package-lock --no-audit --no-fund --loglevel=error --prefix "$folder/$2" "$1" >&2
}

# try NAME COMMAND…: installs a clone with that command.
try() {
  local name=$1 log="$folder/$1.log" clone="$folder/clone-$1"
  shift
  git clone --quiet "$root" "$clone" && cd "$clone" || return 1
  if "$@" >"$log" 2>&1 && [ "$(npm --silent run setup && node apps/runner/start.mjs --version)" != "" ] &&
    ! grep -iE "not recognized|ignored build scripts|unsupported" "$log" && [ -z "$(git status --porcelain)" ]; then
    say "$name: passed"
  else
    say "$name: failed"
    cat "$log"
    git status --short
    return 1
  fi
}

status=0
bring node@22 node22 || exit 1
for major in 10 11 12; do
  bring "pnpm@$major" "pnpm$major" || status=1
  (
    PATH="$folder/pnpm$major/node_modules/.bin:$PATH"
    [ "$major" = 10 ] || PATH="$folder/node22/node_modules/node/bin:$PATH"
    try "pnpm-$major" pnpm install --frozen-lockfile
  ) || status=1
done
(try npm npm install) || status=1
exit "$status"
