import { runAlone } from "@cti-connectors/dev-kit/run-alone";
import { threatfox } from "./threatfox.js";

await runAlone({
  connector: threatfox,
  environment: ({ threatfoxUrl, authKey }) => ({
    API_URL: threatfoxUrl,
    THREATFOX_API_KEY: authKey,
    QUERY_DAYS: "7",
  }),
  async *show(stored, { COLLECTION_NAME }) {
    const projection = {
      "enriched.indicator.type": 1,
      "enriched.defanged": 1,
      "enriched.malware_name": 1,
      "enriched.stix_pattern": 1,
    } as const;
    for await (const { _id, enriched } of stored.find(
      COLLECTION_NAME,
      {},
      { projection, sort: { _id: 1 } },
    )) {
      yield `${_id} ${JSON.stringify(enriched)}`;
    }
  },
});
