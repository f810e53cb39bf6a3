#!/usr/bin/env bash
# Installs the TAXII clients that people use from Python: OASIS's taxii2-client, and attackcti.
#
#   TAXII_CLIENTS_PYTHON=$(bash .ci/install-taxii-clients.sh FOLDER)     prints the path of a Python that has them
#
# FOLDER (created where it is missing) keeps the Python environment, so that a second call installs nothing.
# Needs python3 3.10+ with venv and pip, and a package index. All messages go to stderr.
# Exit status: 0 they are there; 1 they could not be installed; 2 wrong usage.
name=install-taxii-clients
. "$(dirname "$0")/python-package.sh"
open_folder "$@"
install "attackcti==0.6.4" "taxii2-client==2.3.0"
echo "$python"
