import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connectorNames } from "./connector-names.js";

const headingWidth = 124;

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
}

/** Adds a connector to the dependencies of the runner, in alphabetical order. */
export function addDependency(root: string, name: string): void {
  const file = join(root, "apps", "runner", "package.json");
  const manifest: Manifest = JSON.parse(readFileSync(file, "utf8"));
  const dependencies = { ...manifest.dependencies, [`@cti-connectors/${name}`]: "workspace:^" };
  const sorted = Object.fromEntries(
    Object.entries(dependencies).sort(([one], [other]) => (one < other ? -1 : 1)),
  );
  writeFileSync(file, `${JSON.stringify({ ...manifest, dependencies: sorted }, undefined, 2)}\n`);
}

/** Adds the settings of the template to `.env.example`, after those of the other connectors. */
export function addSettings(root: string, name: string): void {
  const file = join(root, ".env.example");
  const { settings, title, collection } = connectorNames(name);
  const section = `${`# --- ${title} `.padEnd(headingWidth, "-")}

# Address of the feed.
${settings}_URL=https://${name}.example/v1/items
# The collection to load the items into.
${settings}_COLLECTION=${collection}

`;
  const text = readFileSync(file, "utf8");
  const place = text.indexOf("# --- Removals ");
  writeFileSync(
    file,
    place < 0
      ? `${text.trimEnd()}\n\n${section.trimEnd()}\n`
      : text.slice(0, place) + section + text.slice(place),
  );
}
