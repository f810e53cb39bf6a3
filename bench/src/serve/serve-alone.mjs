// Serves the embedded database of a folder over TAXII until it is told to end: node serve-alone.mjs FOLDER. Sends its URL to the process that started it.
import { argv } from "node:process";
import { createLogger, openStore } from "@cti-connectors/core/host";
import { startEmbeddedMongo } from "@cti-connectors/embedded-mongo";
import { serveOnLoopback } from "@cti-connectors/sandbox";
import { createServerApp } from "@cti-connectors/server";

const [, , path] = argv;
const mongo = await startEmbeddedMongo({ path });
const store = await openStore({ uri: mongo.uri, db: "threat_intelligence", kind: "embedded" });
const app = createServerApp({
  store: store.reader,
  collections: { iocs: "threatfox_raw", vulnerabilities: "kev" },
  status: () => Promise.reject(new Error("TAXII alone is measured.")),
  searched: async () => [],
  rejected: async () => [],
  log: createLogger({ level: "error" }),
});
const server = await serveOnLoopback((request) => app.fetch(request));
process.send?.(server.url);
process.once("message", async () => {
  await server.close();
  await store.close();
  await mongo.close();
  process.disconnect();
});
