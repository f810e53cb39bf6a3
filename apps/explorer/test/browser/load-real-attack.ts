import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Store } from "@cti-connectors/core/host";
import { runInTest } from "@cti-connectors/core/testing";
import { mitreTaxii } from "@cti-connectors/mitre-taxii";
import { realData } from "@cti-connectors/sandbox/testing";
import { z } from "zod";

export const realFiles = ["enterprise-attack-18.1", "ics-attack-18.1", "ics-attack-17.1"].map(
  (name) => `attack/${name}.json.gz`,
);

const bundle = z.looseObject({
  objects: z.array(
    z.looseObject({
      type: z.string(),
      relationship_type: z.string().optional(),
      source_ref: z.string().optional(),
    }),
  ),
});

/** What a matrix has: all of it would take a minute to load. */
const types = new Set([
  "x-mitre-collection",
  "x-mitre-matrix",
  "x-mitre-tactic",
  "attack-pattern",
  "intrusion-set",
]);
const apt29 = "intrusion-set--899ce53f-13a0-479b-a0e4-67d46e241542";

/** Techniques, tactics and groups of real releases, and what APT29 uses. */
export async function loadRealAttack(store: Store): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "explorer-"));
  try {
    const files = await Promise.all(
      realFiles.map(async (file) => {
        const { objects, ...rest } = bundle.parse(
          JSON.parse(gunzipSync(await readFile(realData(file))).toString()),
        );
        const kept = objects.filter(
          ({ type, relationship_type, source_ref }) =>
            types.has(type) || relationship_type === "subtechnique-of" || source_ref === apt29,
        );
        const path = join(folder, basename(file, ".gz"));
        await writeFile(path, JSON.stringify({ ...rest, objects: kept }));
        return path;
      }),
    );
    const environment = { MITRE_BUNDLES: files.join(","), MITRE_RELEASES: "all" };
    const { connector } = await runInTest({ connector: mitreTaxii, environment, store });
    if (connector.status !== "ok") {
      throw new Error(connector.reason);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}
