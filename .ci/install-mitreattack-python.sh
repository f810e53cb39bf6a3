#!/usr/bin/env bash
# Installs MITRE's own Python library of ATT&CK: its changelog tool, and its reader of Navigator layers.
#
#   MITREATTACK_PYTHON=$(bash .ci/install-mitreattack-python.sh FOLDER)     prints the path of a Python that has it
#
# FOLDER (created where it is missing) keeps the Python environment, so that a second call installs nothing.
# Needs python3 3.11+ with venv and pip, and a package index. All messages go to stderr.
# Exit status: 0 it is there; 1 it could not be installed; 2 wrong usage.
name=install-mitreattack-python
. "$(dirname "$0")/python-package.sh"
open_folder "$@"
install "mitreattack-python==6.3.1"
echo "$python"
