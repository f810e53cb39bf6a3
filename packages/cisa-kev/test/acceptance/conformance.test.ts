import { hash } from "node:crypto";
import { describeConformance } from "@cti-connectors/dev-kit/conformance";
import { cisaKev } from "../../src/cisa-kev.js";
import { entryOf } from "../../src/testing/serve-catalogue.js";

describeConformance({
  connector: cisaKev,
  upstream: {
    answer({ headers }, records) {
      const release = hash("sha256", JSON.stringify(records));
      const etag = `"${release}"`;
      return headers.get("if-none-match") === etag
        ? new Response(null, { status: 304, headers: { etag } })
        : Response.json(
            {
              catalogVersion: "2026.11.27",
              dateReleased: release,
              count: records.length,
              vulnerabilities: records,
            },
            { headers: { etag } },
          );
    },
    settings: ({ url }) => ({ KEV_URL: `${url}kev.json` }),
    record: (n) => entryOf(`CVE-2026-${1000 + n}`),
    change: (record) => ({ ...record, knownRansomwareCampaignUse: "Known" }),
    invalid: (record) => ({ ...record, dateAdded: "soon" }),
  },
});
