#!/usr/bin/env bash
# Starts SecantusDB, the independent MongoDB server that judges ours, on a free port of 127.0.0.1.
#
#   TEST_MONGO_URI=$(bash .ci/start-secantus.sh FOLDER)     prints mongodb://127.0.0.1:PORT/ when it answers
#   kill "$(cat FOLDER/pid)"                                stops it
#
# FOLDER (created where it is missing) keeps the Python environment, so that a second start installs nothing,
# and the server's pid, uri, log and data; the data is new at each start. Where the server of this FOLDER already runs,
# its URI is printed. Test commands (failCommand) are on.
# Needs python3 3.10+ with venv and pip, and a package index. All messages go to stderr.
# Exit status: 0 it answers; 1 it does not, or could not be installed; 2 wrong usage.
set -euo pipefail

package="SecantusDB==0.7.0b3"
wait_seconds=60

say() { echo "start-secantus: $*" >&2; }
fail() {
  say "$*"
  exit 1
}

if [ $# -ne 1 ] || [ -z "$1" ]; then
  say "usage: bash .ci/start-secantus.sh FOLDER"
  exit 2
fi
mkdir -p "$1"
folder=$(cd "$1" && pwd)
python="$folder/venv/bin/python"

is_running() { [ -f "$folder/pid" ] && kill -0 "$(cat "$folder/pid")" 2>/dev/null; }

answers() {
  "$python" - "$1" 2>/dev/null <<'PYTHON'
import sys
from pymongo import MongoClient
MongoClient(sys.argv[1], serverSelectionTimeoutMS=500, directConnection=True).admin.command("ping")
PYTHON
}

if is_running && [ -f "$folder/uri" ] && [ -x "$python" ] && answers "$(cat "$folder/uri")"; then
  cat "$folder/uri"
  exit 0
fi
rm -f "$folder/pid" "$folder/uri"

if ! "$python" -c "import importlib.metadata as m; assert 'SecantusDB==' + m.version('SecantusDB') == '$package'" 2>/dev/null; then
  command -v python3 >/dev/null || fail "python3 is missing: install Python 3.10 or newer, or set TEST_MONGO_URI to a MongoDB server."
  python3 -c "import sys; sys.exit(sys.version_info < (3, 10))" ||
    fail "$(python3 --version) is too old: Python 3.10 or newer is needed."
  say "installing $package into $folder/venv …"
  python3 -m venv --clear "$folder/venv" >&2 ||
    fail "python3 -m venv failed: install Python's venv module (on Debian and Ubuntu: python3-venv)."
  "$python" -m pip install --quiet --disable-pip-version-check "$package" >&2 ||
    fail "pip could not install $package: see the lines above; a package index must be reachable."
fi

port=$("$python" -c "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1])")
uri="mongodb://127.0.0.1:$port/"
rm -rf "$folder/data"
# An empty configuration file keeps the server from reading one of this machine.
: >"$folder/secantusd.toml"
(
  cd "$folder"
  exec nohup "$folder/venv/bin/secantusd-py" --config "$folder/secantusd.toml" --host 127.0.0.1 --port "$port" \
    --storage-path "$folder/data" --log-level WARNING --enable-test-commands </dev/null >"$folder/log" 2>&1
) &
echo $! >"$folder/pid"

deadline=$((SECONDS + wait_seconds))
until answers "$uri"; do
  if ! is_running || [ $SECONDS -ge $deadline ]; then
    tail -n 20 "$folder/log" >&2 || true
    if is_running; then kill "$(cat "$folder/pid")"; fi
    rm -f "$folder/pid"
    fail "the server did not answer at $uri within $wait_seconds s: the end of $folder/log is above."
  fi
  sleep 0.2
done
echo "$uri" | tee "$folder/uri"
