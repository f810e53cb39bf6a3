import { describeConformance } from "@cti-connectors/dev-kit/conformance";
import { answerThreatfox } from "@cti-connectors/sandbox";
import { threatfox } from "../../src/threatfox.js";

const key = "5ecret+0123456789abcdef/0123456789abcdef0123456789";
const firstSeen = new Date(Date.now() - 3_600_000)
  .toISOString()
  .replace("T", " ")
  .replace(/\.\d+Z$/, " UTC");

describeConformance({
  connector: threatfox,
  upstream: {
    key,
    answer: (request, records) => answerThreatfox(request, { records, key }),
    settings: ({ url }) => ({
      API_URL: `${url}api/v1/`,
      THREATFOX_API_KEY: key,
      THREATFOX_REFRESH_DAYS: "0",
      THREATFOX_RECENT_HOURS: "0",
    }),
    record: (n) => ({
      id: String(900_000 + n),
      ioc: `c${n}.example.com`,
      ioc_type: "domain",
      threat_type: "botnet_cc",
      malware: `win.family_${n % 3}`,
      malware_printable: `Family ${n % 3}`,
      confidence_level: 50,
      first_seen: firstSeen,
    }),
    change: (record) => ({ ...record, confidence_level: 100 }),
    invalid: (record) => ({ ...record, ioc: "" }),
  },
  pages: 3,
  lists: false,
});
