#!/usr/bin/env bash
# Installs versions 4 to 6 of MongoDB's driver for Node.js, and mongoose, which tests connect to the embedded database.
#
#   OLD_DRIVERS=$(bash .ci/install-old-drivers.sh FOLDER)     prints a folder with node_modules/mongodb4, …, mongoose
#
# FOLDER (created where it is missing) keeps them, so that a second call installs nothing. Needs npm, and a package registry.
# All messages go to stderr. Exit status: 0 they are there; 1 they could not be installed; 2 wrong usage.
set -euo pipefail

if [ $# -ne 1 ] || [ -z "$1" ]; then
  echo "install-old-drivers: usage: bash .ci/install-old-drivers.sh FOLDER" >&2
  exit 2
fi
mkdir -p "$1"
folder=$(cd "$1" && pwd)
npm install --no-save --no-package-lock --no-audit --no-fund --loglevel=error --prefix "$folder" \
  mongodb4@npm:mongodb@4.17.2 mongodb5@npm:mongodb@5.9.2 mongodb6@npm:mongodb@6.22.0 mongoose@9.12.1 >&2 ||
  { echo "install-old-drivers: npm could not install them: see the lines above." >&2; exit 1; }
echo "$folder"
