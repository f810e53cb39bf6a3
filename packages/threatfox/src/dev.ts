import {
  configureConnector,
  createLogger,
  openStore,
  parseConfig,
  type RunReport,
  runConnectors,
  type Store,
} from "@cti-connectors/core";
import { startEmbeddedMongo } from "@cti-connectors/embedded-mongo";
import { startSandbox } from "@cti-connectors/sandbox";
import { threatfox } from "./threatfox.js";
import { threatfoxConfig } from "./threatfox-config.js";

// Runs this connector alone: from the sandbox into a database that is gone afterwards.

const exitCodes = { ok: 0, partial: 1, failed: 1, interrupted: 130 } as const satisfies Record<
  RunReport["status"],
  number
>;
const interruption = new AbortController();
process.once("SIGINT", () => interruption.abort());

const opened: { close(): Promise<void> }[] = [];
try {
  const sandbox = await startSandbox({ attackFiles: [] });
  opened.unshift(sandbox);
  const server = await startEmbeddedMongo();
  opened.unshift(server);
  const store = await openStore({ uri: server.uri, db: "threatfox_dev", kind: "embedded" });
  opened.unshift(store);

  const config = parseConfig(threatfoxConfig, {
    API_URL: sandbox.threatfoxUrl,
    THREATFOX_API_KEY: sandbox.authKey,
    QUERY_DAYS: "7",
  });
  const report = await runConnectors({
    connectors: [configureConnector(threatfox, config)],
    store,
    log: createLogger({ secrets: [sandbox.authKey] }),
    signal: interruption.signal,
  });
  await printDocuments(store, config.COLLECTION_NAME);
  printReport(report);
  process.exitCode = exitCodes[report.status];
} finally {
  for (const resource of opened) {
    await resource.close();
  }
}

async function printDocuments(store: Store, collection: string): Promise<void> {
  const projection = {
    "enriched.indicator.type": 1,
    "enriched.defanged": 1,
    "enriched.malware_name": 1,
    "enriched.stix_pattern": 1,
  } as const;
  for await (const { _id, enriched } of store.reader.find(collection, {}, { projection, sort: { _id: 1 } })) {
    print(`${_id} ${JSON.stringify(enriched)}`);
  }
}

function printReport({ connectors }: RunReport): void {
  for (const { name, status, reason, requests, steps } of connectors) {
    print(`${name}: ${status}${reason === undefined ? "" : `, ${reason}`}, requests: ${requests}`);
    for (const { name: step, inserted, updated, unchanged, rejected } of steps) {
      print(
        `  ${step}: ${inserted} inserted, ${updated} updated, ${unchanged} unchanged, ${rejected} rejected`,
      );
    }
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
