#!/usr/bin/env bash
# Runs the tests of MongoDB's Python driver, from its source distribution, against the embedded database. A failure counts unless the
# server refused something by name, or pymongo-tests.json lists it with its reason: judge_pymongo.py.
#
#   bash .ci/test-with-pymongo.sh FOLDER REPORT
#
# FOLDER (created where it is missing) keeps the Python environment, the tests and the server's log. REPORT is written as vitest's are.
# Needs python3 3.10+ with venv and pip, a package index, and the workspace's dependencies installed.
# Exit status: 0 no failure counts; 1 some do, or something could not be installed or started; 2 wrong usage.
name=test-with-pymongo
. "$(dirname "$0")/python-package.sh"
answers() { mongo_answers "$1"; }
most_seconds=600

if [ $# -ne 2 ]; then
  say "usage: bash .ci/$name.sh FOLDER REPORT"
  exit 2
fi
open_folder "$1"
mkdir -p "$(dirname "$2")" "$folder/temporary"
report="$(cd "$(dirname "$2")" && pwd)/$(basename "$2")"
ci=$(cd "$(dirname "$0")" && pwd)

tests=$(bash "$ci/unpack-pymongo.sh" "$folder")

(cd "$ci/.." && npm run --silent build -- --filter=@cti-connectors/embedded-mongo --output-logs=errors-only) >&2 ||
  fail "the embedded database could not be built: see the lines above."
stop() {
  if is_running; then kill "$(cat "$folder/pid")"; fi
  rm -f "$folder/pid" "$folder/url"
}
stop
trap stop EXIT
export TMPDIR="$folder/temporary"
port=$(free_port)
serve "mongodb://127.0.0.1:$port/" node "$ci/serve-embedded-mongo.mjs" "$port" >&2

cd "$tests"
export DB_IP=127.0.0.1 DB_PORT=$port PYTHONPATH=$ci PYTHONDONTWRITEBYTECODE=1
# addopts: pymongo's write a report into the working directory. threadexception: on a busy machine, threads of pymongo outlive their client.
timeout --foreground --signal=INT --kill-after=10 "$most_seconds" "$python" -m pytest -p no:cacheprovider -p no:terminal -p no:threadexception \
  --override-ini=addopts= -p judge_pymongo --pymongo-report="$report" || exit 1
