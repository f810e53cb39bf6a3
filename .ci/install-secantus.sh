#!/usr/bin/env bash
# Installs SecantusDB, the independent MongoDB server that judges ours.
#
#   TEST_SECANTUS=$(bash .ci/install-secantus.sh FOLDER)     prints the full path of FOLDER
#
# With TEST_SECANTUS, each package whose tests use a MongoDB server starts one of its own there. FOLDER (created where it is missing) keeps
# the Python environment, so that a second call installs nothing.
# Needs python3 3.10+ with venv and pip, and a package index. All messages go to stderr.
# Exit status: 0 it is there; 1 it could not be installed; 2 wrong usage.
name=install-secantus
. "$(dirname "$0")/python-package.sh"
open_folder "$@"
install "SecantusDB==0.7.0b3"
echo "$folder"
