#!/usr/bin/env bash
# Looks for security faults in the workflows and actions with zizmor, without network: permissions, pins, injected expressions.
#
#   bash .ci/run-zizmor.sh FOLDER
#
# FOLDER (created where it is missing) keeps the Python environment. Needs python3 3.10+ with venv and pip, and a package index.
# Exit status: 0 no fault; 1 it could not be installed; 2 wrong usage; 11 to 14 faults, by severity.
name=run-zizmor
. "$(dirname "$0")/python-package.sh"
open_folder "$@"
install "zizmor==1.32.0"
cd "$(dirname "$0")/.."
"$folder/venv/bin/zizmor" --offline --no-progress .github
