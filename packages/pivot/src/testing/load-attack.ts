import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Store } from "@cti-connectors/core/host";
import { runInTest } from "@cti-connectors/core/testing";
import { mitreTaxii } from "@cti-connectors/mitre-taxii";

/**
 * Loads releases of ATT&CK from STIX bundles, as `run mitre-taxii --bundle` does.
 *
 * @param releases a value of MITRE_RELEASES, such as `all`. Default: the newest release of each domain
 * @throws Error with the report's reason if the run fails
 */
export async function loadBundles(
  store: Store,
  files: readonly string[],
  releases = "latest",
): Promise<void> {
  const environment = { MITRE_BUNDLES: files.join(","), MITRE_RELEASES: releases };
  const { connector } = await runInTest({ connector: mitreTaxii, environment, store });
  if (connector.status !== "ok") {
    throw new Error(connector.reason);
  }
}

const collections = {
  "enterprise-attack": "x-mitre-collection--1f5f1533-f617-4ca8-9ab4-6a02367fa019",
  "mobile-attack": "x-mitre-collection--dac0d2d7-8653-445c-9bff-82f934c1e858",
} as const;

/**
 * Loads objects as one release of a domain of ATT&CK.
 *
 * @param options `releases` is a value of MITRE_RELEASES
 */
export async function loadObjects(
  store: Store,
  objects: readonly object[],
  {
    domain = "enterprise-attack",
    version = "18.1",
    releases = "latest",
  }: { domain?: keyof typeof collections; version?: string; releases?: string } = {},
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "pivot-"));
  try {
    const file = join(folder, `${domain}.json`);
    const head = {
      type: "x-mitre-collection",
      id: collections[domain],
      name: domain,
      x_mitre_version: version,
      created: "2018-01-17T12:56:55.080Z",
      modified: "2025-10-28T00:00:00.000Z",
      x_mitre_contents: [],
    };
    await writeFile(file, JSON.stringify({ type: "bundle", id: "bundle--1", objects: [head, ...objects] }));
    await loadBundles(store, [file], releases);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
