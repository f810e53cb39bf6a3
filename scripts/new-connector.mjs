// Creates the package of a new connector with the generator in turbo/generators.
//
//   pnpm new-connector NAME     such as acme-feed
//
// Exit status: 0 created; 1 the name cannot be used, or something failed; 2 wrong usage.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const [name = "", ...more] = process.argv.slice(2);

if (name === "" || name.startsWith("-") || more.length > 0) {
  console.error("Usage: pnpm new-connector NAME, such as: pnpm new-connector acme-feed");
  process.exit(2);
}
const gen = createRequire(import.meta.url).resolve("@turbo/gen/dist/cli.js");
const { status } = spawnSync(process.execPath, [gen, "run", "connector", "--root", root, "--args", name], {
  cwd: root,
  stdio: "inherit",
});
if (status !== 0) {
  process.exit(status ?? 1);
}
const exported = name.replaceAll(/-(\w)/g, (_, letter) => letter.toUpperCase());
console.log(`Created packages/${name}. Next:

  1. In apps/runner/src/connectors.ts, import the connector and add it to the end of the list (pnpm format sorts the imports):
       import { ${exported} } from "@cti-connectors/${name}";
       … = […, ${exported}];
  2. Run its tests:       pnpm --filter @cti-connectors/${name} test
  3. Run it alone:        pnpm --filter @cti-connectors/${name} dev
  4. Run it in the demo:  pnpm --filter runner start --demo ${name}
  5. List its settings:   pnpm --filter runner exec vitest run configuration -u
  6. Replace the invented feed with yours: packages/${name}/README.md has a checklist, docs/write-a-connector.md explains the contract
`);
