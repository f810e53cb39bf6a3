import type { StoreReader } from "@cti-connectors/core";
import { findSettledTime, readDataStamp } from "@cti-connectors/core/host";
import { notFound, type TaxiiSource } from "@cti-connectors/taxii-server";
import pLimit from "p-limit";
import { readUntil } from "../reading/read-until.js";
import { readAttackPage } from "./read-attack-page.js";
import { readStoredAttack, type StoredAttack } from "./stored-attack.js";

const connector = "mitre-taxii";

/** How many pages are listed at the same time for all clients together: more would take more memory, and no less time. */
const listedAtOnce = 2;

/** What API roots there are is read again after so long. */
const rememberedMs = 2_000;

/**
 * ATT&CK as it is stored, with the paths and the collection ids of MITRE's server (https://attack-taxii.mitre.org/taxii2/): an API root for
 * what is current, and one for each stored release. `date_added` is when this database got the version, so that `added_after` finds what
 * was modified, too. What a run stores can be read when the run has ended.
 */
export function createAttackSource({
  store,
  now = () => new Date(),
}: {
  readonly store: StoreReader;
  /** Default: the clock. */
  readonly now?: () => Date;
}): TaxiiSource {
  let known: { readonly at: number; readonly stored: Promise<StoredAttack> } | undefined;
  const inTurn = pLimit(listedAtOnce);
  const readStored = () => {
    const at = now().getTime();
    if (known === undefined || at - known.at > rememberedMs) {
      const stored = readStoredAttack(store);
      known = { at, stored };
      stored.catch(() => {
        known = undefined;
      });
    }
    return known.stored;
  };
  return {
    below: "/api/v21/",
    async apiRoots() {
      const { contents } = await readStored();
      return [...contents].map(([path, { release }]) => ({ path, ...describeRoot(release) }));
    },
    async collections(root) {
      const { contents, collections } = await readStored();
      return [...(contents.get(root)?.filters.keys() ?? [])].map(
        (id) => collections.get(id) ?? { id, title: id },
      );
    },
    async readPage(query) {
      const { contents } = await readStored();
      const shown = contents.get(query.root)?.filters.get(query.collection);
      if (shown === undefined) {
        throw notFound(`${query.root} has no collection ${query.collection}.`);
      }
      const reader = query.signal === undefined ? store : readUntil(query.signal, store);
      return inTurn(async () => {
        query.signal?.throwIfAborted();
        const until = await findSettledTime(reader, connector, now());
        return readAttackPage({ store: reader, query, shown, until });
      });
    },
    stamp: async () => (await readDataStamp(store)) ?? now().toISOString(),
  };
}

function describeRoot(release: string | undefined) {
  return release === undefined
    ? { title: "MITRE ATT&CK", description: "The current release of each domain." }
    : { title: `MITRE ATT&CK ${release}`, description: `Release ${release}, which does not change.` };
}
