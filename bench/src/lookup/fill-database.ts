import { rm } from "node:fs/promises";
import { cisaKev } from "@cti-connectors/cisa-kev";
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
import { malwareLinks } from "@cti-connectors/pivot";
import { startDemoUpstream, startSandbox } from "@cti-connectors/sandbox";
import { threatfox } from "@cti-connectors/threatfox";
import { generateExport } from "../iocs/generate-export.js";

const log = createLogger({ level: "error" });
/** What is loaded, in this order. */
export const loaded: readonly Connector[] = [threatfox, mitreTaxii, cisaKev, malwareLinks];
/** As the runner calls it. */
const databaseName = "threat_intelligence";

export interface Contents {
  /** How many generated IOCs. */
  readonly records: number;
  /** Bundles of ATT&CK. */
  readonly attackFiles: readonly string[];
}

/**
 * Loads IOCs, ATT&CK and KEV through the connectors into a new embedded database, and links the families, as a run of the product does.
 *
 * @param path the folder of the database
 */
export async function fillDatabase(path: string, { records, attackFiles }: Contents): Promise<void> {
  const file = `${path}.json.gz`;
  await generateExport(file, records);
  const sandbox = await startSandbox({ attackFiles, quota: null });
  const { demo } = cisaKev;
  if (demo === undefined) {
    throw new Error("cisa-kev has no demo to load.");
  }
  const kev = await startDemoUpstream(demo);
  const mongo = await startEmbeddedMongo({ path });
  const store = await openStore({ uri: mongo.uri, db: databaseName, kind: "embedded" });
  try {
    const settings = {
      THREATFOX_BACKFILL: file,
      MITRE_TAXII_URL: sandbox.taxiiUrl,
      MITRE_REQUEST_BUDGET: "off",
      ...demo.settings(kev),
    };
    for (const connector of loaded) {
      await load(store, path, connector, settings);
    }
  } finally {
    await store.close();
    await mongo.close();
    await kev.close();
    await sandbox.close();
    await rm(file);
  }
}

/** @throws Error where the load does not end well */
async function load(
  store: Store,
  filesFolder: string,
  connector: Connector,
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  console.error(`  loading ${connector.name}`);
  const configured = configureConnector(connector, parseConfig(connector.config, settings));
  const { connectors } = await runConnectors({ connectors: [configured], store, log, filesFolder });
  const [report] = connectors;
  if (report?.status !== "ok") {
    throw new Error(`The load of ${connector.name} ended as ${report?.status}: ${report?.reason}`);
  }
}
