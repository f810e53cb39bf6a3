#!/usr/bin/env bash
# Starts SecantusDB, the independent MongoDB server that judges ours, on a free port of 127.0.0.1.
#
#   TEST_MONGO_URI=$(bash .ci/start-secantus.sh FOLDER)     prints mongodb://127.0.0.1:PORT/ when it answers
#   kill "$(cat FOLDER/pid)"                                stops it
#
# FOLDER (created where it is missing) keeps the Python environment, so that a second start installs nothing,
# and the server's pid, url, log and data; the data is new at each start. Where the server of this FOLDER already runs,
# its URI is printed. Test commands (failCommand) are on.
# Needs python3 3.10+ with venv and pip, and a package index. All messages go to stderr.
# Exit status: 0 it answers; 1 it does not, or could not be installed; 2 wrong usage.
name=start-secantus
. "$(dirname "$0")/python-package.sh"
answers() { mongo_answers "$1"; }
open_folder "$@"
end_if_running
install "SecantusDB==0.7.0b3"

port=$(free_port)
rm -rf "$folder/data"
# An empty configuration file keeps the server from reading one of this machine.
: >"$folder/secantusd.toml"
serve "mongodb://127.0.0.1:$port/" \
  "$folder/venv/bin/secantusd-py" --config "$folder/secantusd.toml" --host 127.0.0.1 --port "$port" \
  --storage-path "$folder/data" --log-level WARNING --enable-test-commands
