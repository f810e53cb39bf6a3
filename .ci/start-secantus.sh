#!/usr/bin/env bash
# Starts SecantusDB, the independent MongoDB server that judges ours, on a free port of 127.0.0.1.
#
#   TEST_MONGO_URI=$(bash .ci/start-secantus.sh FOLDER)     prints mongodb://127.0.0.1:PORT/ when it answers
#   kill "$(cat FOLDER/pid)"                                stops it
#   bash .ci/start-secantus.sh FOLDER NAME                  starts one more, in FOLDER/NAME
#
# FOLDER (created where it is missing) keeps the Python environment, so that a second start installs nothing,
# and the server's pid, url, log and data; the data is new at each start. Where the server of this FOLDER already runs,
# its URI is printed. Test commands (failCommand) are on.
# Needs python3 3.10+ with venv and pip, and a package index. All messages go to stderr.
# Exit status: 0 it answers; 1 it does not, or could not be installed; 2 wrong usage.
name=start-secantus
. "$(dirname "$0")/python-package.sh"
answers() { mongo_answers "$1"; }
open_folder "$1"
bash "$(dirname "$0")/install-secantus.sh" "$folder" >/dev/null
command="$folder/venv/bin/secantusd-py"
if [ $# -gt 1 ]; then
  folder="$folder/$2"
  mkdir -p "$folder"
fi
end_if_running

port=$(free_port)
rm -rf "$folder/data"
# An empty configuration file keeps the server from reading one of this machine.
: >"$folder/secantusd.toml"
# Its data need not outlive it: no checkpoints, which hold up every command on a slow disk, and a log of changes that is never cut.
export SECANTUS_TEST_FAST_STORAGE=1
serve "mongodb://127.0.0.1:$port/" \
  "$command" --config "$folder/secantusd.toml" --host 127.0.0.1 --port "$port" \
  --storage-path "$folder/data" --log-level WARNING --enable-test-commands \
  --oplog-max-entries 100000000 --oplog-retention-seconds 86400
