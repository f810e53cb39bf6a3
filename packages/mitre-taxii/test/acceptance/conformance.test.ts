import { describeConformance } from "@cti-connectors/dev-kit/conformance";
import { answerTaxii } from "@cti-connectors/sandbox";
import { mitreTaxii } from "../../src/mitre-taxii.js";
import { tool } from "../../src/testing/write-bundle.js";

describeConformance({
  connector: mitreTaxii,
  upstream: {
    answer: (request, records) => answerTaxii(request, { collections: [records] }),
    settings: ({ url, key }) => ({
      MITRE_TAXII_URL: `${url}taxii2/`,
      MITRE_API_KEY: key,
      MITRE_PAGE_SIZE: "4",
      MITRE_CHECK_HOURS: "0",
    }),
    record: (n) => tool(String(n).padStart(2, "0"), "2025-01-01T00:00:00.000Z"),
    change: (record) => ({ ...record, modified: "2026-01-01T00:00:00.000Z", name: "renamed" }),
    invalid: (record) => ({ ...record, type: "" }),
  },
  pages: 3,
});
