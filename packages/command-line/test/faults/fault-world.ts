import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type ConnectorReport,
  configureConnector,
  createLogger,
  openStore,
  parseConfig,
  runConnectors,
  type Store,
} from "@cti-connectors/core/host";
import { startEmbeddedMongo } from "@cti-connectors/embedded-mongo";
import { type Sandbox, type SandboxOptions, startSandbox } from "@cti-connectors/sandbox";
import { differencesBetween, loadedCollections } from "../../src/testing/compare-databases.js";
import { connectors } from "../../src/testing/program.js";
import { sandboxSettings } from "../../src/testing/sandbox-settings.js";

export type ConnectorName = "mitre-taxii" | "threatfox";

/** Both upstreams over little data, a MongoDB server, and what an undisturbed run of each connector stores. */
export interface FaultWorld {
  readonly sandbox: Sandbox;
  /** Of the MongoDB server. */
  readonly uri: string;
  /** A database that nothing was loaded into yet. Whoever opens it closes it. */
  newDatabase(): Promise<Store>;
  run(connector: ConnectorName, store: Store): Promise<ConnectorReport>;
  /** What the connector stores when nobody disturbs it. */
  undisturbed(connector: ConnectorName): Undisturbed;
  close(): Promise<void>;
}

interface Undisturbed {
  readonly store: Store;
  /** How many there are. */
  readonly documents: number;
}

const collections = [...loadedCollections, "threatfox_malware", "threatfox_types"];
/** Pages of two objects, and of twenty manifest records. */
const objects = 21;

/** @param folder where the data of the upstream is written to */
export async function openFaultWorld(
  folder: string,
  flavor: NonNullable<SandboxOptions["flavor"]>,
): Promise<FaultWorld> {
  const file = join(folder, "bundle.json");
  writeFileSync(file, JSON.stringify(smallRelease()));
  const sandbox = await startSandbox({ attackFiles: [file], flavor, quota: null });
  const server = await startEmbeddedMongo();
  const newDatabase = () => openStore({ uri: server.uri, db: `faults_${randomUUID()}`, kind: "mongodb" });
  const run = (name: ConnectorName, store: Store) => runOne(name, store, sandbox);
  const loadUndisturbed = async (name: ConnectorName) => {
    const store = await newDatabase();
    await run(name, store);
    return { store, documents: await countDocuments(store) };
  };
  const undisturbed = {
    "mitre-taxii": await loadUndisturbed("mitre-taxii"),
    threatfox: await loadUndisturbed("threatfox"),
  };
  return {
    sandbox,
    uri: server.uri,
    newDatabase,
    run,
    undisturbed: (name) => undisturbed[name],
    async close() {
      for (const { store } of Object.values(undisturbed)) {
        await store.close();
      }
      await sandbox.close();
      await server.close();
    },
  };
}

async function runOne(name: ConnectorName, store: Store, sandbox: Sandbox): Promise<ConnectorReport> {
  const environment = {
    ...sandboxSettings(sandbox),
    MITRE_PAGE_SIZE: "2",
    MITRE_REQUEST_BUDGET: "off",
  };
  const report = await runConnectors({
    connectors: connectors
      .filter((connector) => connector.name === name)
      .map((connector) => configureConnector(connector, parseConfig(connector.config, environment))),
    store,
    log: createLogger({ level: "error", destination: { write: () => {} } }),
    http: { retries: 1, timeoutMs: 2_000 },
  });
  const [ofConnector] = report.connectors;
  if (ofConnector === undefined) {
    throw new Error(`no connector is named ${name}`);
  }
  return ofConnector;
}

/** How many documents a connector has loaded, and whether they are what an undisturbed run has stored. */
export interface Stored {
  readonly documents: number;
  readonly differences: readonly string[];
}

export async function compare(store: Store, undisturbed: Undisturbed): Promise<Stored> {
  return {
    documents: await countDocuments(store),
    differences: await differencesBetween(undisturbed.store.database, store.database, collections),
  };
}

async function countDocuments({ database }: Store): Promise<number> {
  const counts = await Promise.all(collections.map((name) => database.collection(name).countDocuments()));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Documents that are not as an undisturbed run stores them; one that is not there yet does not count. */
export function wrongDocuments({ differences }: Stored): readonly string[] {
  return differences.filter((difference) => !difference.endsWith(": missing"));
}

/** A release of ATT&CK: as many techniques as it takes for two pages of everything. */
function smallRelease() {
  const created = "2024-01-01T00:00:00.000Z";
  const techniques = Array.from({ length: objects - 1 }, (_, index) => ({
    type: "attack-pattern",
    spec_version: "2.1",
    id: `attack-pattern--00000000-0000-4000-8000-${String(index).padStart(12, "0")}`,
    created,
    modified: created,
    name: `Technique ${index}`,
    external_references: [{ source_name: "mitre-attack", external_id: `T${9000 + index}` }],
  }));
  const release = {
    type: "x-mitre-collection",
    spec_version: "2.1",
    id: "x-mitre-collection--00000000-0000-4000-8000-00000000c0de",
    created,
    modified: created,
    name: "Small ATT&CK",
    x_mitre_version: "1.0",
    x_mitre_contents: techniques.map(({ id, modified }) => ({ object_ref: id, object_modified: modified })),
  };
  return {
    type: "bundle",
    id: "bundle--00000000-0000-4000-8000-000000000001",
    objects: [release, ...techniques],
  };
}
