#!/usr/bin/env bash
# Runs the commands of the Dockerfile's build stage in a copy of this checkout, without Docker.
#
#   bash .ci/build-image.sh FOLDER
#
# FOLDER (created where it is missing) gets the copy in `build` and the result in `app` and `data`. Needs npm and git.
# Exit status: 0 it works; 1 it does not.
set -euo pipefail

say() { echo "build-image: $*" >&2; }
fail() {
  say "$*"
  exit 1
}

mkdir -p "$1"/{build,out}
folder=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
# What COPY takes: the checkout without what .dockerignore names. Its patterns mean the same to git.
copy_checkout() {
  comm -23 <(git ls-files | sort) <(git ls-files --cached --ignored --exclude-from=.dockerignore | sort) |
    tar --create --files-from=- | tar --extract --directory "$folder/build"
}

# /out is in FOLDER. pnpm's packages come from where this machine has them; all else that is written stays in FOLDER.
build() {
  local command store version
  version=$(node -p 'const { name, version } = require("./package.json").devEngines.packageManager; `${name}@${version}`')
  grep -q "$version\$" Dockerfile || fail "the Dockerfile must install $version, as package.json says"
  store=$(dirname "$(node node_modules/pnpm/bin/pnpm.cjs store path)")
  while read -r command; do
    say "RUN $command"
    (
      cd "$folder/build"
      HOME=$folder/home PATH=$folder/global/bin:$PATH npm_config_prefix=$folder/global npm_config_store_dir=$store \
        bash -ec "${command//\/out\//$folder/out/}"
    ) </dev/null >"$folder/log" 2>&1 || { tail -n 40 "$folder/log"; fail "this command of the Dockerfile failed"; }
  done < <(node .ci/read-dockerfile.mjs build)
}

copy_checkout
build
mv "$folder/out/app" "$folder/out/data" "$folder"
say "built: $(du -sh "$folder/app" | cut -f 1)"
