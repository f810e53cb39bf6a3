#!/usr/bin/env bash
# What a connector's author sees on the first day: in a fresh clone, makes a connector, puts it in the runner's list, and runs what must then
# be green.
#
#   bash .ci/new-connector.sh FOLDER
#
# FOLDER (created where it is missing) gets the clone. Needs npm and git.
# Exit status: 0 all is green; 1 something is not, or the author would have had to edit more than the list.
set -euo pipefail

say() { echo "new-connector: $*" >&2; }

mkdir -p "$1"
folder=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
git clone --quiet . "$folder/clone"
cd "$folder/clone"
node scripts/setup.mjs
# The author has none, and what the conformance suite does on it, the connectors of this repository have shown.
unset TEST_MONGO_URI TEST_SECANTUS
pnpm() { node node_modules/pnpm/bin/pnpm.cjs "$@"; }
began=$SECONDS

pnpm --silent new-connector acme-feed
perl -0pi -e 's/^/import { acmeFeed } from "\@cti-connectors\/acme-feed";\n/; s/,?\s*\];/, acmeFeed];/' apps/runner/src/connectors.ts
pnpm exec biome check --write apps/runner/src

for script in test lint typecheck build lint:package lint:api dev; do
  pnpm --filter @cti-connectors/acme-feed "$script"
done
pnpm --silent --filter runner start --demo --json >"$folder/report.json"
node -e '
  const { connectors } = JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8"));
  const { status, steps } = connectors.find(({ name }) => name === "acme-feed");
  process.exitCode = status === "ok" && steps[0].inserted > 0 ? 0 : 1;
' "$folder/report.json" || { say "the demo did not load acme-feed:"; cat "$folder/report.json"; exit 1; }
say "from the command to the demo: $((SECONDS - began)) s"

pnpm --filter runner exec vitest run configuration -u
pnpm --filter runner test
# The other tests of the repository look at nothing that a new package changes.
pnpm --filter @cti-connectors/repository exec vitest run architecture exports published readmes sources
pnpm --filter runner typecheck
pnpm run lint:root

changed=$(git status --porcelain | cut -c4- | sort | tr '\n' ' ')
expected=".env.example apps/runner/package.json apps/runner/src/connectors.ts docs/configuration.md packages/acme-feed/ pnpm-lock.yaml "
[ "$changed" = "$expected" ] || { say "these files changed: $changed"; exit 1; }
