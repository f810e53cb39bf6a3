import { defineConnector, foldNames, type StoreReader } from "@cti-connectors/core";
import { threatfoxConfig } from "@cti-connectors/threatfox";
import { z } from "zod";
import { withoutPrefix } from "./documents/malpedia-key.js";
import type { MalwareFamily } from "./documents/stored-family.js";
import type { FamilyLinks } from "./documents/stored-links.js";
import { readLinkSources } from "./links/fingerprint.js";
import { linkFamilies } from "./links/link-families.js";
import {
  findNewestIoc,
  readFamiliesOfNewIocs,
  readLinkedFamilies,
  readListedFamilies,
  walkFamiliesOfIocs,
} from "./links/read-families.js";
import { readSoftware } from "./links/read-software.js";

const collection = "malware_links";

const checkpointSchema = z.object({
  fingerprint: z.string(),
  /** The collection of the IOCs. */
  iocs: z.string(),
  /** When the newest IOC was stored, in ISO 8601. */
  newest_ioc: z.string().exactOptional(),
});

type Checkpoint = z.output<typeof checkpointSchema>;

/**
 * Links ThreatFox's malware families with software of ATT&CK, from what is stored: sends no request. One document per family, with the
 * Malpedia key as `_id`. A run reads little where nothing has changed.
 */
export const malwareLinks = defineConnector({
  name: "malware-links",
  summary: "links between ThreatFox's malware families and ATT&CK software",
  config: z.object({
    COLLECTION_NAME: threatfoxConfig.shape.COLLECTION_NAME.meta({ owner: "threatfox" }),
  }),
  check: async () => "reads what is stored, and has no upstream",
  demo: {
    // It reads what the others load in the same demo.
    answer: () => new Response("Not Found", { status: 404 }),
    settings: () => ({}),
    questions: [
      {
        question: "Malware families that ATT&CK describes",
        step: "links",
        filter: { "enriched.state": "linked", removed_at: null },
        sort: { _id: 1 },
        columns: {
          family: "_id",
          name: "enriched.name",
          software: "enriched.software_ids",
          "found by": "enriched.links.found_by",
        },
      },
    ],
  },
  steps: ({ step }) => [
    step({
      name: "links",
      summary: "malware families with their ATT&CK software",
      collection,
      indexes: [{ "enriched.software_ids": 1 }, { "enriched.folded_names": 1 }, { "enriched.state": 1 }],
      record: z.custom<FamilyLinks>(),
      checkpoint: checkpointSchema,
      async *extract({ config: { COLLECTION_NAME }, store, checkpoint, log }) {
        const sources = await readLinkSources(store);
        const newest = await findNewestIoc(store, COLLECTION_NAME);
        const next: Checkpoint = {
          fingerprint: sources.fingerprint,
          iocs: COLLECTION_NAME,
          ...(newest !== undefined && { newest_ioc: newest.toISOString() }),
        };
        const known =
          checkpoint?.iocs === COLLECTION_NAME && (await store.exists(collection, {}))
            ? checkpoint
            : undefined;
        if (known?.fingerprint === next.fingerprint && known.newest_ioc === next.newest_ioc) {
          return;
        }
        if (sources.software === 0) {
          log.info(
            { step: "links" },
            "no ATT&CK software is stored: load mitre-taxii to link malware families",
          );
          return;
        }
        // A family that left the list is only kept if it has IOCs.
        const since = known?.fingerprint === next.fingerprint ? known.newest_ioc : undefined;
        const families = await findFamilies({ store, iocs: COLLECTION_NAME, since });
        // Where the collection is the same as before, an empty list is no change that anybody has asked for: core refuses it.
        if (families.length === 0 && checkpoint?.iocs !== COLLECTION_NAME) {
          const kept = (await store.exists(collection, {})) ? ", and what is linked stays as it is" : "";
          log.info(
            { step: "links" },
            `no malware family is stored in threatfox_malware or ${COLLECTION_NAME} (COLLECTION_NAME)${kept}: load threatfox to link them`,
          );
          return;
        }
        const links = linkFamilies(families, await readSoftware(store));
        yield {
          records: links,
          listings: [
            {
              listed: new Set(families.map(({ malware }) => malware)),
              // Families of the other collection are gone because somebody has named this one.
              acceptsRemovals: checkpoint !== undefined && checkpoint.iocs !== COLLECTION_NAME,
            },
          ],
          facts: countStates(links),
          checkpoint: next,
        };
      },
      transform: ({ family, state, links, rejected }) => ({
        _id: family.malware,
        data: { ...family },
        enriched: {
          name: family.name,
          folded_names: foldNames([family.name, ...family.aliases, withoutPrefix(family.malware)]),
          platform: family.malware.includes(".")
            ? family.malware.slice(0, family.malware.indexOf("."))
            : null,
          state,
          software_ids: links.map(({ attack_id }) => attack_id),
          links: links.map((link) => ({ ...link })),
          rejected: rejected.map((link) => ({ ...link })),
        },
      }),
    }),
  ],
});

interface FamilySources {
  readonly store: StoreReader;
  /** The collection of the IOCs. */
  readonly iocs: string;
  /** Only IOCs stored since then are new to the stored links, in ISO 8601. undefined: everything is read anew. */
  readonly since: string | undefined;
}

/** The families that ThreatFox lists, and those that occur in IOCs only. */
async function findFamilies({ store, iocs, since }: FamilySources): Promise<readonly MalwareFamily[]> {
  const fresh = since === undefined ? undefined : await readFamiliesOfNewIocs(store, iocs, new Date(since));
  const ofIocs =
    fresh === undefined
      ? await walkFamiliesOfIocs(store, iocs)
      : [...(await readLinkedFamilies(store)), ...fresh];
  const families = new Map<string, MalwareFamily>();
  for (const family of [...(await readListedFamilies(store)), ...ofIocs]) {
    families.set(family.malware, families.get(family.malware) ?? family);
  }
  return [...families.values()];
}

function countStates(links: readonly FamilyLinks[]) {
  const count = (state: FamilyLinks["state"]) => links.filter((one) => one.state === state).length;
  return { linked: count("linked"), ambiguous: count("ambiguous"), unlinked: count("unlinked") };
}
