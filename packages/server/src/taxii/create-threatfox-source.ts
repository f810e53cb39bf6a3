import type { StoreReader } from "@cti-connectors/core";
import { findSettledTime, readDataStamp } from "@cti-connectors/core/host";
import type { TaxiiSource } from "@cti-connectors/taxii-server";
import { readUntil } from "../reading/read-until.js";
import { type IocFamilies, rememberFamilies } from "./ioc-families.js";
import { createIocReader } from "./ioc-reader.js";
import { readIocPage } from "./read-ioc-page.js";

const connector = "threatfox";
const root = {
  path: "/threatfox/",
  title: "abuse.ch ThreatFox",
  description: "The IOCs of ThreatFox that are stored, in STIX 2.1.",
};
const collection = {
  id: "9c8a1c42-5b0f-5d5c-8f0e-6f3f6f1d7a55",
  alias: "iocs",
  title: "ThreatFox IOCs",
  description: "An indicator for each IOC, its malware family, and the relationship between them.",
};

/**
 * The IOCs of ThreatFox as they are stored, as STIX indicators, malware and relationships. `date_added` is when this database got the
 * version: `added_after` finds IOCs that are new, and those that changed. What a run stores can be read when the run has ended.
 */
export function createThreatfoxSource({
  store,
  iocs,
  now = () => new Date(),
}: {
  readonly store: StoreReader;
  /** The collection of the IOCs. */
  readonly iocs: string;
  /** Default: the clock. */
  readonly now?: () => Date;
}): TaxiiSource {
  const stampAt = async (at: Date) => (await readDataStamp(store)) ?? at.toISOString();
  let known: { readonly state: string; readonly families: IocFamilies } | undefined;
  /** While a run goes on, what was there before it stays as it is. */
  const familiesOf = async (until: Date) => {
    const state = (await readDataStamp(store)) ?? until.toISOString();
    if (known?.state !== state) {
      known = { state, families: rememberFamilies(store, iocs, until) };
    }
    return known.families;
  };
  return {
    below: root.path,
    apiRoots: async () => ((await store.exists(iocs, {})) ? [root] : []),
    collections: async () => [collection],
    async readPage(query) {
      const { signal } = query;
      const until = await findSettledTime(store, connector, now());
      const families = await familiesOf(until);
      const reader = signal === undefined ? store : readUntil(signal, store);
      return readIocPage(createIocReader({ store: reader, iocs, families, until, signal }), query);
    },
    stamp: () => stampAt(now()),
  };
}
