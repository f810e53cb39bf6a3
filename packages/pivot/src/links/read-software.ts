import { listsOfIds, type StoreReader } from "@cti-connectors/core";
import { z } from "zod";
import { mergeSoftware, readStoredSoftware, softwareFilter } from "../documents/stored-software.js";
import type { LinkableSoftware } from "./malware-link.js";

const storedRevocation = z.object({
  enriched: z.object({ source_ref: z.string(), target_ref: z.string() }),
});

/** All software that ATT&CK lists now, each once, with what takes the place of what is revoked. */
export async function readSoftware(store: StoreReader): Promise<readonly LinkableSoftware[]> {
  const found = [];
  for await (const document of store.find("objects", softwareFilter)) {
    const software = readStoredSoftware(document);
    if (software !== undefined) {
      found.push(software);
    }
  }
  const software = mergeSoftware(found);
  const revoked = software.filter((one) => one.revoked).map(({ stix_id }) => stix_id);
  const successors = await readSuccessors(store, revoked);
  return software.map((one) => ({ ...one, revoked_by: successors.get(one.stix_id) }));
}

/** What takes the place of revoked objects, by STIX id. */
export async function readSuccessors(
  store: StoreReader,
  revoked: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const successors = new Map<string, string>();
  for (const ids of listsOfIds(revoked)) {
    const filter = {
      "enriched.source_ref": { $in: ids },
      "enriched.relationship_type": "revoked-by",
      removed_at: null,
    };
    for await (const document of store.find("objects", filter, { projection: { enriched: 1 } })) {
      const { source_ref, target_ref } = storedRevocation.parse(document).enriched;
      successors.set(source_ref, target_ref);
    }
  }
  return successors;
}
