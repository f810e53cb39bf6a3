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
import { mitreTaxii } from "./mitre-taxii.js";

// Runs this connector alone: from the sandbox into a database that is gone afterwards.

const exitCodes = { ok: 0, partial: 1, failed: 1, interrupted: 130 } as const satisfies Record<
  RunReport["status"],
  number
>;
const interruption = new AbortController();
process.once("SIGINT", () => interruption.abort());

const opened: { close(): Promise<void> }[] = [];
try {
  const sandbox = await startSandbox();
  opened.unshift(sandbox);
  const server = await startEmbeddedMongo();
  opened.unshift(server);
  const store = await openStore({ uri: server.uri, db: "mitre_dev", kind: "embedded" });
  opened.unshift(store);

  const config = parseConfig(mitreTaxii.config, { MITRE_TAXII_URL: sandbox.taxiiUrl });
  const report = await runConnectors({
    connectors: [configureConnector(mitreTaxii, config)],
    store,
    log: createLogger(),
    signal: interruption.signal,
  });
  await printTechniques(store);
  printReport(report);
  process.exitCode = exitCodes[report.status];
} finally {
  for (const resource of opened) {
    await resource.close();
  }
}

async function printTechniques({ reader }: Store): Promise<void> {
  const projection = { "enriched.attack_id": 1, "enriched.name": 1, "enriched.tactics": 1 } as const;
  const filter = { "enriched.type": "attack-pattern" };
  const sort = { "enriched.attack_id": 1 } as const;
  for await (const { enriched } of reader.find("objects", filter, { projection, sort })) {
    print(JSON.stringify(enriched));
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
