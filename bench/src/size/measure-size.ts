import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Connector,
  configureConnector,
  createLogger,
  openStore,
  parseConfig,
  runConnectors,
  type Store,
} from "@cti-connectors/core/host";
import { startEmbeddedMongo } from "@cti-connectors/embedded-mongo";
import { mitreTaxii } from "@cti-connectors/mitre-taxii";
import { startSandbox } from "@cti-connectors/sandbox";
import { threatfox } from "@cti-connectors/threatfox";
import type { BenchOptions } from "../bench-options.js";
import { generateExport } from "../iocs/generate-export.js";
import { findReleases } from "../requests/find-releases.js";
import { formatSizes } from "./format-sizes.js";
import { type CollectionSize, measureCollections } from "./measure-collections.js";

export interface SizeResult {
  readonly loads: readonly { readonly title: string; readonly collections: readonly CollectionSize[] }[];
}

const log = createLogger({ level: "error" });

/** How large the documents and index keys are that the product stores: of generated IOCs, and of one release of ATT&CK. */
export async function measureSize({ records, print }: BenchOptions): Promise<SizeResult> {
  const folder = await mkdtemp(join(tmpdir(), "bench-size-"));
  const mongo = await startEmbeddedMongo();
  const releases = await findReleases();
  const sandbox = await startSandbox({ attackFiles: [...releases.others, releases.newerIcs], quota: null });
  try {
    const file = join(folder, "full.json.gz");
    await generateExport(file, records);
    const settings = { MITRE_TAXII_URL: sandbox.taxiiUrl, MITRE_REQUEST_BUDGET: "off" };
    const loads = [
      {
        title: `${records.toLocaleString("en")} generated IOCs`,
        collections: await measureLoad(mongo.uri, folder, threatfox, { THREATFOX_BACKFILL: file }),
      },
      {
        title: `One release of ATT&CK: ${releases.source.replace(/ICS .* and /, "ICS ")}`,
        collections: await measureLoad(mongo.uri, folder, mitreTaxii, settings),
      },
    ];
    for (const { title, collections } of loads) {
      print(`\n${title}\n${formatSizes(collections)}`);
    }
    return { loads };
  } finally {
    await sandbox.close();
    await releases.remove();
    await mongo.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** @throws Error where the load does not end well */
async function measureLoad(
  uri: string,
  filesFolder: string,
  connector: Connector,
  settings: Readonly<Record<string, string>>,
): Promise<readonly CollectionSize[]> {
  const store: Store = await openStore({ uri, db: `bench_${connector.name}`, kind: "embedded" });
  try {
    const configured = configureConnector(connector, parseConfig(connector.config, settings));
    const { connectors } = await runConnectors({ connectors: [configured], store, log, filesFolder });
    const [report] = connectors;
    if (report?.status !== "ok") {
      throw new Error(`The load of ${connector.name} ended as ${report?.status}: ${report?.reason}`);
    }
    return await measureCollections(store);
  } finally {
    await store.close();
  }
}
