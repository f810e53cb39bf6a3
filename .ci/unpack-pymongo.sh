#!/usr/bin/env bash
# Unpacks the tests in the source distribution of PyMongo, MongoDB's driver for Python. MongoDB's unified specification tests are
# among them: no other package of a registry has them.
#
#   MONGODB_SPECIFICATIONS=$(bash .ci/unpack-pymongo.sh FOLDER)     prints a folder with test/crud, test/gridfs, …
#
# FOLDER (created where it is missing) keeps them and a Python environment with PyMongo, so that a second call installs nothing.
# Needs python3 3.10+ with venv and pip, and a package index. All messages go to stderr.
# Exit status: 0 they are there; 1 they could not be downloaded; 2 wrong usage.
name=unpack-pymongo
. "$(dirname "$0")/python-package.sh"
version=4.20.1
open_folder "$@"
# With what its tests need.
install "pymongo==$version" "pytest==9.2.0" "pytest-asyncio==1.5.0"

tests="$folder/tests-$version"
if [ ! -d "$tests" ]; then
  rm -rf "$folder/unpacking"
  mkdir "$folder/unpacking"
  # pip builds what it downloads. NO_EXT leaves out the part that is written in C.
  NO_EXT=1 run_pip download --no-deps --no-binary pymongo --dest "$folder" "pymongo==$version" >&2 ||
    fail "pip could not download PyMongo's source distribution: see the lines above."
  # Without the packages in it, so that the tests run with what is installed.
  tar --extract --file "$folder/pymongo-$version.tar.gz" --directory "$folder/unpacking" --strip-components=1 \
    "pymongo-$version/pyproject.toml" "pymongo-$version/test"
  mv "$folder/unpacking" "$tests"
fi
echo "$tests"
