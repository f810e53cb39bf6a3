import { type StoredIoc, storedIoc } from "../output/stored-ioc.js";
import { enrichIoc } from "../record/enrich-ioc.js";
import { iocRecord } from "../record/ioc-record.js";

/** A record of Cobalt Strike, as ThreatFox tells it. */
export const cobaltStrike = {
  id: "900001",
  ioc: "203.0.113.5:443",
  ioc_type: "ip:port",
  threat_type: "botnet_cc",
  malware: "win.cobalt_strike",
  malware_printable: "Cobalt Strike",
  malware_alias: "Agentemis,BEACON",
  confidence_level: 75,
  first_seen: "2026-01-02 03:04:05 UTC",
  last_seen: null,
  reference: null,
  reporter: "abuse_ch",
  tags: ["CobaltStrike"],
} as const;

/** A record as it is stored. */
export function storeIoc(record: object, ingestedAt = "2026-01-02T04:00:00.123Z"): StoredIoc {
  const { id, ioc, data } = iocRecord.parse(record);
  return storedIoc.parse({
    _id: id,
    data,
    enriched: enrichIoc({ id, ioc, data }),
    first_ingested_at: new Date("2026-01-02T04:00:00.123Z"),
    ingested_at: new Date(ingestedAt),
  });
}

/** As they come from a database. */
export async function* streamOf<Item>(...items: readonly Item[]): AsyncGenerator<Item, void, undefined> {
  yield* items;
}

export async function textOf(pieces: AsyncIterable<string>): Promise<string> {
  let text = "";
  for await (const piece of pieces) {
    text += piece;
  }
  return text;
}
