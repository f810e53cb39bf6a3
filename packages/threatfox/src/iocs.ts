import { defineStep } from "@cti-connectors/core";
import { z } from "zod";
import { createThreatfoxClient } from "./client/create-threatfox-client.js";
import type { ThreatfoxConfig } from "./threatfox-config.js";
import { enrichIoc } from "./transform/enrich-ioc.js";
import { iocRecord } from "./transform/ioc-record.js";

const pageSize = 1000;

const iocsCheckpoint = z.object({
  /** When ThreatFox was asked last and everything that it answered was stored, in ISO 8601. */
  queried_at: z.string(),
  /** How many days the answer reached back from there. */
  days: z.number(),
});

/** Loads the IOCs of the last `QUERY_DAYS` days, one document each, with ThreatFox's id as `_id`. */
export const iocs = defineStep<ThreatfoxConfig, typeof iocRecord, z.output<typeof iocsCheckpoint>>({
  name: "iocs",
  summary: "IOCs of the last days",
  record: iocRecord,
  checkpoint: iocsCheckpoint,
  collections: (config) => [
    {
      name: config.COLLECTION_NAME,
      indexes: [
        { key: { "enriched.indicator.value": 1 } },
        { key: { "enriched.indicator.host": 1 } },
        { key: { "enriched.malware": 1 } },
        { key: { "enriched.malware_name": 1 } },
        { key: { "enriched.tags": 1 } },
        { key: { "enriched.first_seen": 1 } },
        { key: { "enriched.expires_at": 1 } },
        { key: { first_ingested_at: 1 } },
      ],
    },
  ],
  async *extract({ config, http, signal, now }) {
    const days = config.QUERY_DAYS;
    const client = createThreatfoxClient({
      http,
      apiUrl: config.API_URL,
      authKey: config.THREATFOX_API_KEY ?? "",
    });
    const checkpoint = { queried_at: now().toISOString(), days };
    const records = await client.getIocRecords({ days });
    const total = records.length;
    for (let start = 0; start < total; start += pageSize) {
      if (signal.aborted) {
        return;
      }
      yield { records: records.slice(start, start + pageSize), total };
    }
    // On a page of its own: it tells that everything before it is stored.
    yield { records: [], total, checkpoint };
  },
  transform: (record, { config }) => [
    { collection: config.COLLECTION_NAME, _id: record.id, data: record.data, enriched: enrichIoc(record) },
  ],
});
