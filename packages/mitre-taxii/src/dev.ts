import { runAlone } from "@cti-connectors/dev-kit/run-alone";
import { mitreTaxii } from "./mitre-taxii.js";

await runAlone({
  connector: mitreTaxii,
  environment: ({ taxiiUrl }) => ({ MITRE_TAXII_URL: taxiiUrl }),
  async *show(stored) {
    const projection = { "enriched.attack_id": 1, "enriched.name": 1, "enriched.tactics": 1 } as const;
    const filter = { "enriched.type": "attack-pattern" };
    const sort = { "enriched.attack_id": 1 } as const;
    for await (const { enriched } of stored.find("objects", filter, { projection, sort })) {
      yield JSON.stringify(enriched);
    }
  },
});
