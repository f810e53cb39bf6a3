import type { StoreReader } from "@cti-connectors/core";
import { findSuccessors } from "@cti-connectors/mitre-taxii";
import {
  mergeSoftware,
  readStoredSoftware,
  type StoredSoftware,
  softwareFilter,
} from "../documents/stored-software.js";

/** Software of ATT&CK, with what links compare. */
export interface LinkableSoftware extends StoredSoftware {
  /** STIX id of the successor of revoked software. */
  readonly revoked_by?: string | undefined;
}

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
  const successors = await findSuccessors(store, revoked, { removed_at: null });
  return software.map((one) => ({ ...one, revoked_by: successors.get(one.stix_id) }));
}
