import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** Files by path from the folder of the package. */
export type Files = Readonly<Record<string, string>>;

/** What a package needs to be found: its main entry is `src/index.ts`. */
export const manifest = JSON.stringify({
  name: "things",
  type: "module",
  exports: { ".": { "@cti-connectors/source": "./src/index.ts" } },
});

/** The source of a connector. Each text takes the place of a property of it or of its step. */
export function connectorSource({
  name = "things",
  config = "{ THINGS_URL: z.url(), THINGS_KEY: z.string().min(8).optional().meta({ secret: true }) }",
  demo = `demo: {
    answer: () => Response.json([{ id: "a" }, { id: "b" }]),
    settings: ({ url, key }) => ({ THINGS_URL: url, THINGS_KEY: key }),
  },`,
  extract = "yield { records: JSON.parse((await http.request(config.THINGS_URL)).body) };",
  enriched = "{ name: record.id }",
} = {}): string {
  return `import { defineConnector } from "@cti-connectors/core";
import { z } from "zod";

export const ${name} = defineConnector({
  name: "${name}",
  summary: "all the things",
  config: z.object(${config}),
  options: { few: { summary: "load one thing", apply: (config) => config } },
  ${demo}
  steps: ({ step }) => [
    step({
      name: "list",
      summary: "things",
      collection: "${name}",
      record: z.object({ id: z.string() }),
      async *extract({ http, config, log, signal }) {
        ${extract}
      },
      transform: (record) => ({ _id: record.id, enriched: ${enriched} }),
    }),
  ],
});
`;
}

/** A package that is gone after the test, which finds core and zod. */
export function samplePackage(files: Files = { "src/index.ts": connectorSource() }): string {
  const folder = mkdtempSync(join(tmpdir(), "connector-dev-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFiles(folder, { "package.json": manifest, ...files });
  mkdirSync(join(folder, "node_modules/@cti-connectors"), { recursive: true });
  const core = fileURLToPath(new URL("../../../core", import.meta.url));
  symlinkSync(core, join(folder, "node_modules/@cti-connectors/core"));
  symlinkSync(join(core, "node_modules/zod"), join(folder, "node_modules/zod"));
  return folder;
}

export function writeFiles(folder: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}
