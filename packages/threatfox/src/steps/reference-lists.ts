import {
  type EnrichedObject,
  foldNames,
  type IndexKey,
  isJsonObject,
  type JsonObject,
  stepFor,
} from "@cti-connectors/core";
import { z } from "zod";
import { createThreatfoxClient, type ThreatfoxList } from "../client/create-threatfox-client.js";
import { ThreatfoxError } from "../client/threatfox-error.js";
import { connectionOf, threatfoxConfig } from "../config/threatfox-config.js";
import { linkMalpedia } from "../record/derived-texts.js";
import { parseList, parseText } from "../record/read-field.js";

const checkpointSchema = z.object({
  /** When everything of the list was stored, in ISO 8601. */
  loaded_at: z.string(),
});

const recordSchema = z.tuple([
  z.string(),
  z.custom<JsonObject>(isJsonObject, "an entry must be a JSON object"),
]);

/** Loads all malware families that ThreatFox knows, with the Malpedia key as `_id`. */
export const malwareList = defineReferenceList({
  name: "malware",
  summary: "malware families",
  query: "malware_list",
  collection: "threatfox_malware",
  indexes: [{ "enriched.name": 1 }, { "enriched.aliases": 1 }, { "enriched.folded_names": 1 }],
  enrich(malware, { malware_printable, malware_alias }) {
    const name = parseText(malware_printable);
    const aliases = parseList(malware_alias);
    return {
      malware,
      name,
      aliases,
      folded_names: foldNames([...(name === null ? [] : [name]), ...aliases]),
      /** Malpedia's word for what it runs on, such as `win`. */
      platform: malware.includes(".") ? malware.slice(0, malware.indexOf(".")) : null,
      malpedia: linkMalpedia(malware),
    };
  },
});

/** Loads all pairs of IOC type and threat type, with ThreatFox's number as `_id`. */
export const iocTypeList = defineReferenceList({
  name: "types",
  summary: "types of IOCs and threats",
  query: "types",
  collection: "threatfox_types",
  indexes: [{ "enriched.ioc_type": 1 }],
  enrich: (_number, { ioc_type, fk_threat_type, description }) => ({
    ioc_type: parseText(ioc_type),
    threat_type: parseText(fk_threat_type),
    description: parseText(description),
  }),
});

/** A list of ThreatFox's that is loaded whole. */
interface ReferenceList {
  /** The name of the step. */
  readonly name: string;
  readonly summary: string;
  readonly query: ThreatfoxList;
  readonly collection: string;
  readonly indexes: readonly IndexKey[];
  /** What people search an entry by. Pure, and never throws. */
  enrich(key: string, entry: JsonObject): EnrichedObject;
}

/**
 * The step that loads a list, one document per entry with its key as `_id`: once in a day of UTC, and whenever
 * checkpoints are forgotten. What the list no longer has is withdrawn; an empty list is ignored. Where ThreatFox
 * refuses the query, the log and the report say so and the next run tries again: the IOCs do not depend on it.
 */
function defineReferenceList({ name, summary, query, collection, indexes, enrich }: ReferenceList) {
  return stepFor({ config: threatfoxConfig })({
    name,
    summary,
    // Lists and IOCs do not depend on one another.
    needs: [],
    record: recordSchema,
    checkpoint: checkpointSchema,
    collection,
    indexes,
    async *extract({ config, http, checkpoint, log, now }) {
      const loadedAt = now().toISOString();
      const isLoaded = checkpoint !== undefined && dayOf(checkpoint.loaded_at) === dayOf(loadedAt);
      // An export is loaded without a key.
      if (isLoaded || config.THREATFOX_API_KEY === undefined) {
        return;
      }
      const client = createThreatfoxClient(connectionOf(http, config));
      const entries = await client.listEntries(query).catch((error: unknown) => {
        if (error instanceof ThreatfoxError) {
          return error;
        }
        throw error;
      });
      if (entries instanceof ThreatfoxError || entries.size === 0) {
        const reason = entries instanceof ThreatfoxError ? entries.message : "the list is empty";
        log.warn(
          { step: name, reason },
          `${query} was not loaded: what is stored stays, and the next run tries again`,
        );
        yield { records: [], missing: [query] };
        return;
      }
      yield {
        records: [...entries],
        total: entries.size,
        lists: entries.keys(),
        checkpoint: { loaded_at: loadedAt },
      };
    },
    restore: { version: 1, record: ({ _id, data }) => [_id, data] },
    transform: ([key, entry]) => ({ _id: key, data: entry, enriched: enrich(key, entry) }),
  });
}

/** The day of a time in ISO 8601 and UTC. */
function dayOf(time: string): string {
  return time.slice(0, "2026-01-31".length);
}
