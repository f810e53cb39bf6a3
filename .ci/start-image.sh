#!/usr/bin/env bash
# Starts what .ci/build-image.sh has built as Docker would: with the entry point, the command, the environment and the health check of the
# Dockerfile, in a container of our own.
#
#   bash .ci/without-network.sh bash .ci/start-image.sh FOLDER
#
# FOLDER is that of .ci/build-image.sh. Needs Linux and root; elsewhere it starts nothing, and says so.
# Exit status: 0 it works; 1 it does not.
set -euo pipefail

say() { echo "start-image: $*" >&2; }
fail() {
  say "$*"
  exit 1
}

folder=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
mkdir -p "$folder/secrets"

# Sets `words` to a list of the Dockerfile.
read_words() { mapfile -t words < <(node .ci/read-dockerfile.mjs "$1"); }

# container COMMAND...: runs it with the environment of the image, but for the variable in `without`, and with `settings`.
settings=()
without=none
container() {
  read_words env
  exec env -i PATH="$PATH" "${words[@]}" ${settings[@]+"${settings[@]}"} env --unset="$without" \
    unshare --mount --pid --fork --kill-child bash .ci/in-container.sh "$folder" "$@"
}

# program ARGUMENT...: these instead of CMD.
program() {
  local entrypoint
  read_words entrypoint
  entrypoint=("${words[@]}")
  container "${entrypoint[@]}" "$@"
}

start_sandbox() {
  local script="$folder/app/bin/cti-connectors.mjs"
  HOME=$folder/home node "$script" sandbox >"$folder/sandbox.json" 2>"$folder/sandbox.log" &
  sandbox=$!
  for _ in $(seq 100); do
    [ -s "$folder/sandbox.json" ] && break
    kill -0 $sandbox || { cat "$folder/sandbox.log"; fail "the sandbox did not start"; }
    sleep 0.1
  done
  mapfile -t settings < <(node -p '
    const { settings } = JSON.parse(fs.readFileSync(process.argv[1]));
    fs.writeFileSync(process.argv[2], `${settings.THREATFOX_API_KEY}\n`);
    delete settings.THREATFOX_API_KEY;
    Object.entries(settings).map((setting) => setting.join("=")).join("\n")' "$folder/sandbox.json" "$folder/secrets/threatfox_api_key")
  settings+=(THREATFOX_API_KEY_FILE=/run/secrets/threatfox_api_key)
}

# Sets `service` to the process that waits for the container, and `first` to the first process in it.
start_service() {
  local command health end=$((SECONDS + 60))
  read_words command
  command=("${words[@]}")
  read_words health
  health=("${words[@]}")
  (program "${command[@]}") >"$folder/service.log" 2>&1 &
  service=$!
  until (container "${health[@]}") >"$folder/health.log" 2>&1; do
    kill -0 $service 2>/dev/null && [ $SECONDS -lt $end ] || {
      cat "$folder/service.log" "$folder/health.log"
      fail "the service did not become healthy"
    }
    sleep 0.5
  done
  # The last one: what else it has started has ended.
  first=$(tr ' ' '\n' <"/proc/$service/task/$service/children" | grep . | tail -n 1)
}

# As `docker stop` does it, which kills after 10 s.
stop_service() {
  local began=$SECONDS
  kill -TERM "$first"
  while kill -0 "$first" 2>/dev/null; do
    [ $((SECONDS - began)) -lt 10 ] || { cat "$folder/service.log"; fail "the service still runs 10 s after SIGTERM"; }
    sleep 0.1
  done
  wait $service || { cat "$folder/service.log"; fail "SIGTERM ended the service with $?"; }
}

stop() {
  kill -KILL ${first:-} ${service:-} ${sandbox:-} 2>/dev/null || true
}

if [ "$(id -u)" -ne 0 ] || ! unshare --mount --pid --fork --kill-child true 2>/dev/null; then
  echo "skipped: this system gives no namespaces to this user, so nothing shows that the image starts"
  exit 0
fi
chown 65532:65532 "$folder/data"
trap stop EXIT
say "without HOME, as a user without an entry in /etc/passwd"
(without=HOME && program --help) >"$folder/log" 2>&1 || { cat "$folder/log"; fail "--help failed"; }
say "--demo"
(program run --demo --json) >"$folder/demo.json" 2>"$folder/log" || { cat "$folder/log"; fail "the demo failed"; }
start_sandbox
say "the service, as CMD starts it"
start_service
stop_service
say "the service again, killed and then started in the same data"
start_service
kill -KILL "$first"
wait $service || true
start_service
stop_service
(program status) >"$folder/status.log" 2>&1 || { cat "$folder/status.log"; fail "status failed"; }
! grep -rqF "$(cat "$folder/secrets/threatfox_api_key")" "$folder"/*.log "$folder/data" || fail "the key of ThreatFox is in a log or in the data"
