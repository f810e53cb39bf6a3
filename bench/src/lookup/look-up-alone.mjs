// Looks up a term several times in the embedded database of a folder: node look-up-alone.mjs FOLDER TERM TIMES. Prints the milliseconds of each, and those
// of processor time.
import { argv, cpuUsage } from "node:process";
import { openStore } from "@cti-connectors/core/host";
import { startEmbeddedMongo } from "@cti-connectors/embedded-mongo";
import { lookUp } from "@cti-connectors/pivot";

const [, , path, term, times] = argv;
const server = await startEmbeddedMongo({ path });
const store = await openStore({ uri: server.uri, db: "threat_intelligence", kind: "embedded" });
const milliseconds = [];
const cpuMilliseconds = [];
let iocs = 0;
for (let time = 0; time < Number(times); time += 1) {
  const startedAt = performance.now();
  const before = cpuUsage();
  const answer = await lookUp({ store: store.reader }, term, { limit: 5 });
  milliseconds.push(performance.now() - startedAt);
  const { user, system } = cpuUsage(before);
  cpuMilliseconds.push((user + system) / 1_000);
  iocs = answer.iocs.total;
}
console.log(JSON.stringify({ milliseconds, cpuMilliseconds, iocs }));
await store.close();
await server.close();
