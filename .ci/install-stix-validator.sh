#!/usr/bin/env bash
# Installs OASIS's STIX 2.1 validator, which brings the STIX 2.1 JSON schemas: no npm package has them.
#
#   STIX2_VALIDATOR=$(bash .ci/install-stix-validator.sh FOLDER)     prints the path of its command
#
# FOLDER (created where it is missing) keeps the Python environment, so that a second call installs nothing.
# Needs python3 3.10+ with venv and pip, and a package index. All messages go to stderr.
# Exit status: 0 it is there; 1 it could not be installed; 2 wrong usage.
set -euo pipefail

package="stix2-validator==3.3.2"

say() { echo "install-stix-validator: $*" >&2; }
fail() {
  say "$*"
  exit 1
}

if [ $# -ne 1 ] || [ -z "$1" ]; then
  say "usage: bash .ci/install-stix-validator.sh FOLDER"
  exit 2
fi
mkdir -p "$1"
folder=$(cd "$1" && pwd)
python="$folder/venv/bin/python"

if ! "$python" -c "import importlib.metadata as m; assert 'stix2-validator==' + m.version('stix2-validator') == '$package'" 2>/dev/null; then
  command -v python3 >/dev/null || fail "python3 is missing: install Python 3.10 or newer."
  say "installing $package into $folder/venv …"
  python3 -m venv --clear "$folder/venv" >&2 ||
    fail "python3 -m venv failed: install Python's venv module (on Debian and Ubuntu: python3-venv)."
  "$python" -m pip install --quiet --disable-pip-version-check "$package" >&2 ||
    fail "pip could not install $package: see the lines above; a package index must be reachable."
fi
echo "$folder/venv/bin/stix2_validator"
