#!/usr/bin/env bash
# Installs OASIS's STIX 2.1 validator, which brings the STIX 2.1 JSON schemas: no npm package has them.
#
#   STIX2_VALIDATOR=$(bash .ci/install-stix-validator.sh FOLDER)     prints the path of its command
#
# FOLDER (created where it is missing) keeps the Python environment, so that a second call installs nothing.
# Needs python3 3.10+ with venv and pip, and a package index. All messages go to stderr.
# Exit status: 0 it is there; 1 it could not be installed; 2 wrong usage.
name=install-stix-validator
. "$(dirname "$0")/python-package.sh"
open_folder "$@"
install "stix2-validator==3.3.2"
echo "$folder/venv/bin/stix2_validator"
