#!/usr/bin/env bash
# Starts OASIS medallion, the reference TAXII 2.1 server, on a free port of 127.0.0.1. It gives pages of 100 objects, and the same
# `next` token for all pages of a listing, which it forgets after the last page or after 30 s.
#
#   TEST_MEDALLION=$(bash .ci/start-medallion.sh FOLDER)     prints http://USER:PASSWORD@127.0.0.1:PORT/taxii2/ when it answers
#   kill "$(cat FOLDER/pid)"                                 stops it
#
# It holds empty collections that can be written, in memory: each run of a test fills one of them.
# FOLDER (created where it is missing) keeps the Python environment, so that a second start installs nothing,
# and the server's pid, url, configuration and log. Where the server of this FOLDER already runs, its URL is printed.
# Needs python3 3.10+ with venv and pip, and a package index. All messages go to stderr.
# Exit status: 0 it answers; 1 it does not, or could not be installed; 2 wrong usage.
name=start-medallion
. "$(dirname "$0")/python-package.sh"
answers() { taxii_answers "$1"; }
open_folder "$@"
end_if_running
# medallion names no upper bounds: these are what it was tried with.
install "medallion==3.0.0" "Flask==3.1.3" "Werkzeug==3.1.9" "Flask-HTTPAuth==4.8.1"

port=$(free_port)
"$python" - "$folder" "$port" <<'PYTHON'
import json, sys, uuid
folder, port = sys.argv[1:]
root = f"http://127.0.0.1:{port}/cti/"
collections = [
    {
        "id": str(uuid.uuid4()),
        "title": f"Collection {number}",
        "can_read": True,
        "can_write": True,
        "media_types": ["application/stix+json;version=2.1"],
        "objects": [],
        "manifest": [],
    }
    for number in range(1, 9)
]
information = {"title": "CTI", "versions": ["application/taxii+json;version=2.1"], "max_content_length": 100_000_000}
data = {
    "/discovery": {"title": "medallion", "default": root, "api_roots": [root]},
    "cti": {"information": information, "status": [], "collections": collections},
}
configuration = {
    "backend": {
        "module": "medallion.backends.memory_backend",
        "module_class": "MemoryBackend",
        "filename": f"{folder}/data.json",
        "session_timeout": 30,
        "check_interval": 1,
    },
    "users": {"analyst": "a-secret-of-tests"},
    "taxii": {"max_page_size": 100},
}
for name, content in (("data", data), ("configuration", configuration)):
    with open(f"{folder}/{name}.json", "w", encoding="utf-8") as file:
        json.dump(content, file)
PYTHON

# medallion parses the same dates for every pair of objects, and copies all objects of all collections for every request: with
# 1,826 objects a first page takes 20 s, any other 0.2 s. Parsing a text once, and copying no deeper than it changes, alter no answer.
cat >"$folder/serve.py" <<'PYTHON'
import functools, sys, types
import medallion.common
medallion.common.string_to_datetime = functools.lru_cache(100_000)(medallion.common.string_to_datetime)
from medallion.backends import memory_backend
memory_backend.copy = types.SimpleNamespace(deepcopy=lambda items: [dict(item) for item in items])
from medallion.scripts.run import main
sys.exit(main())
PYTHON
serve "http://analyst:a-secret-of-tests@127.0.0.1:$port/taxii2/" \
  "$python" "$folder/serve.py" --host 127.0.0.1 --port "$port" "$folder/configuration.json"
