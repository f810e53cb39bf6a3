# Sourced by the scripts that install something written in Python, or start a server of it. They set `name` before, the script's
# name without `.sh`. Those that start a server define `answers`: whether a server answers at the URL that it is given.
# All messages go to stderr.
set -euo pipefail

wait_seconds=60

say() { echo "$name: $*" >&2; }
fail() {
  say "$*"
  exit 1
}

# Takes the arguments of the script, and sets `folder` and `python`.
open_folder() {
  if [ $# -ne 1 ] || [ -z "$1" ]; then
    say "usage: bash .ci/$name.sh FOLDER"
    exit 2
  fi
  mkdir -p "$1"
  folder=$(cd "$1" && pwd)
  python="$folder/venv/bin/python"
}

is_running() { [ -f "$folder/pid" ] && kill -0 "$(cat "$folder/pid")" 2>/dev/null; }

# Whether a TAXII server answers at a URL with user and password.
taxii_answers() {
  "$python" - "$1" 2>/dev/null <<'PYTHON'
import base64, sys, urllib.parse, urllib.request
url = urllib.parse.urlsplit(sys.argv[1])
login = base64.b64encode(f"{url.username}:{url.password}".encode()).decode()
headers = {"Authorization": f"Basic {login}", "Accept": "application/taxii+json;version=2.1"}
request = urllib.request.Request(f"http://{url.hostname}:{url.port}{url.path}", headers=headers)
urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=2).read()
PYTHON
}

# Whether a MongoDB-compatible server answers at a URI.
mongo_answers() {
  "$python" - "$1" 2>/dev/null <<'PYTHON'
import sys
from pymongo import MongoClient
MongoClient(sys.argv[1], serverSelectionTimeoutMS=500, directConnection=True).admin.command("ping")
PYTHON
}

# Prints the URL and ends the script where the server of this folder runs already.
end_if_running() {
  if is_running && [ -f "$folder/url" ] && [ -x "$python" ] && answers "$(cat "$folder/url")"; then
    cat "$folder/url"
    exit 0
  fi
  rm -f "$folder/pid" "$folder/url"
}

# install PACKAGE==VERSION [REQUIREMENT...]: nothing to do where that version of the package is there.
install() {
  local package=$1
  "$python" - "$package" 2>/dev/null <<'PYTHON' && return
import importlib.metadata, sys
name, version = sys.argv[1].split("==")
sys.exit(importlib.metadata.version(name) != version)
PYTHON
  command -v python3 >/dev/null || fail "python3 is missing: install Python 3.10 or newer."
  python3 -c "import sys; sys.exit(sys.version_info < (3, 10))" ||
    fail "$(python3 --version) is too old: Python 3.10 or newer is needed."
  say "installing $package into $folder/venv …"
  python3 -m venv --clear --without-pip "$folder/venv" >&2 ||
    fail "python3 -m venv failed: install Python's venv module (on Debian and Ubuntu: python3-venv)."
  run_pip install --no-compile "$@" >&2 ||
    fail "pip could not install $package: see the lines above; pip 22.3 or newer must be there, and a package index reachable."
}

# One pip serves all environments: to put it into each takes 3 s of processor time.
run_pip() {
  python3 -m pip --quiet --disable-pip-version-check --python "$python" "$@"
}

free_port() {
  "$python" -c "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1])"
}

# Whether a program listens there. Asking takes next to nothing, while `answers` starts a Python.
listens() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# serve URL COMMAND...: starts the server in the background, and prints the URL when it answers.
serve() {
  local url=$1 port
  port=${url##*:}
  port=${port%%/*}
  shift
  (
    cd "$folder"
    exec nohup "$@" </dev/null >"$folder/log" 2>&1
  ) &
  echo $! >"$folder/pid"
  local deadline=$((SECONDS + wait_seconds))
  until listens "$port" && answers "$url"; do
    if ! is_running || [ $SECONDS -ge $deadline ]; then
      tail -n 20 "$folder/log" >&2 || true
      if is_running; then kill "$(cat "$folder/pid")"; fi
      rm -f "$folder/pid"
      fail "the server did not answer within $wait_seconds s: the end of $folder/log is above."
    fi
    sleep 0.2
  done
  echo "$url" | tee "$folder/url"
}
