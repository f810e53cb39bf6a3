#!/usr/bin/env bash
# Installs Prometheus' Python client, which brings a parser of the text format of metrics.
#
#   PROMETHEUS_PARSER=$(bash .ci/install-prometheus-client.sh FOLDER)     prints the path of a Python that has it
#
# FOLDER (created where it is missing) keeps the Python environment, so that a second call installs nothing.
# Needs python3 3.10+ with venv and pip, and a package index. All messages go to stderr.
# Exit status: 0 it is there; 1 it could not be installed; 2 wrong usage.
name=install-prometheus-client
. "$(dirname "$0")/python-package.sh"
open_folder "$@"
install "prometheus-client==0.26.0"
echo "$python"
