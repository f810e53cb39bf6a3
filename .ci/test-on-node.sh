#!/usr/bin/env bash
# Runs the suites whose outcome another version of Node could change: what is read out of records and hashed, and how JSON, text and URLs are
# read. npm's package `node` brings that version.
#
#   bash .ci/test-on-node.sh VERSION FOLDER     such as 24
#
# FOLDER (created where it is missing) keeps that Node, and gets a report per package in FOLDER/reports/packages. Reports of other test runs
# stay as they are. Needs npm, and the workspace's dependencies installed.
# Exit status: 0 all passed; 1 a test failed, or that Node could not be installed; 2 wrong usage, or a suite that does not exist.
set -uo pipefail

say() { echo "test-on-node: $*" >&2; }

if [ $# -ne 2 ] || ! [[ $1 =~ ^[0-9.]+$ ]]; then
  say "usage: bash .ci/test-on-node.sh VERSION FOLDER"
  exit 2
fi
version=$1
mkdir -p "$2/reports/packages"
folder=$(cd "$2" && pwd)
cd "$(dirname "$0")/.."
root=$PWD
node="$folder/node_modules/node/bin/node"

# By package: beginnings of the paths of test files.
declare -A suites=(
  [mitre-taxii]="src/changes/compare src/changes/summarize src/config/release-version src/documents src/session/match-glob src/stored src/taxii test/acceptance/altered-values test/acceptance/found-roots"
  [core]="src/config src/documents/content-hash src/documents/plan-write src/errors src/http/find src/http/parse src/http/tls src/json src/quarantine/quarantine src/secrets src/store/redact-data src/text"
  [threatfox]="src/config src/export-file src/indicator src/record src/stix test/acceptance/three-ways"
)
for package in "${!suites[@]}"; do
  for beginning in ${suites[$package]}; do
    if [ -z "$(find "packages/$package/src" "packages/$package/test" -path "packages/$package/$beginning*.test.ts" -print -quit)" ]; then
      say "$beginning: no test of packages/$package has a path that begins so. Correct the list in this script."
      exit 2
    fi
  done
done

if [[ $("$node" --version 2>/dev/null) != v"$version"* ]]; then
  npm install --no-save --no-package-lock --no-audit --no-fund --loglevel=error --prefix "$folder" "node@$version" >&2
  if [[ $("$node" --version 2>/dev/null) != v"$version"* ]]; then
    say "npm could not install node@$version: see the lines above."
    exit 1
  fi
fi
say "$("$node" --version)"

# What a database does depends on no version of Node.
unset TEST_MONGO_URI TEST_SECANTUS

status=0
for package in "${!suites[@]}"; do
  # shellcheck disable=SC2086 # One argument each.
  (cd "packages/$package" && "$node" "$root/node_modules/vitest/vitest.mjs" run --reporter=default --reporter=json \
    --outputFile.json="$folder/reports/packages/$package.json" ${suites[$package]}) || status=1
done
exit "$status"
