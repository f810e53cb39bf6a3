import { readFileSync } from "node:fs";
import type { HttpSettings } from "@cti-connectors/core";
import { createHttpClient, createLogger } from "@cti-connectors/core/host";
import { createTaxiiClient } from "@cti-connectors/mitre-taxii";

const { TAXII_URL = "https://attack-taxii.mitre.org/taxii2/", TAXII_TOKEN, TAXII_CA_FILE } = process.env;
const settings: HttpSettings = {
  timeoutMs: 60_000,
  // Sent to the origin of the first request, and to no other. HTTP Basic and API keys are headers, too.
  headers: TAXII_TOKEN === undefined ? {} : { Authorization: `Bearer ${TAXII_TOKEN}` },
  // Of an authority that Node does not know; a client certificate goes in as `cert` and `key`.
  tls: TAXII_CA_FILE === undefined ? undefined : { ca: readFileSync(TAXII_CA_FILE, "utf8") },
};
const http = createHttpClient({ settings, log: createLogger(), signal: AbortSignal.timeout(600_000) });
// A discovery URL or an API root, with or without a slash at its end.
const taxii = createTaxiiClient({ http, url: TAXII_URL });

const root = await taxii.defaultRoot(); // or taxii.root("/api/v21/attack-17.1")
for (const { id, title, canRead } of await root.collections()) {
  if (!canRead) {
    continue;
  }
  let tools = 0;
  for await (const page of root.objects(id, { limit: 5000, match: { type: "tool" } })) {
    tools += page.entries.length;
  }
  process.stdout.write(`${title ?? id}: ${tools} tools\n`);
}
