import type { AnsweredDemo } from "@cti-connectors/core";

interface Invented {
  readonly cveID: string;
  readonly vendorProject: string;
  readonly product: string;
  readonly weakness: string;
  readonly cwes: readonly string[];
  readonly dateAdded: string;
  readonly dueDate: string;
  readonly isUsedByRansomware?: boolean;
}

/** Invented: none of these CVE ids, vendors and products exists. */
const entries: readonly Invented[] = [
  {
    cveID: "CVE-2026-9900012",
    vendorProject: "Example Networks",
    product: "Gate VPN",
    weakness: "Authentication Bypass",
    cwes: ["CWE-287"],
    dateAdded: "2026-11-24",
    dueDate: "2026-11-27",
    isUsedByRansomware: true,
  },
  {
    cveID: "CVE-2026-9900011",
    vendorProject: "Examplesoft",
    product: "Mail Server",
    weakness: "Deserialization of Untrusted Data",
    cwes: ["CWE-502"],
    dateAdded: "2026-11-19",
    dueDate: "2026-12-10",
  },
  {
    cveID: "CVE-2026-9900010",
    vendorProject: "Examplesoft",
    product: "File Transfer",
    weakness: "Path Traversal",
    cwes: ["CWE-22"],
    dateAdded: "2026-11-12",
    dueDate: "2026-12-03",
    isUsedByRansomware: true,
  },
  {
    cveID: "CVE-2026-9900009",
    vendorProject: "Example Networks",
    product: "Branch Router",
    weakness: "OS Command Injection",
    cwes: ["CWE-78"],
    dateAdded: "2026-11-05",
    dueDate: "2026-11-26",
  },
  {
    cveID: "CVE-2025-9900008",
    vendorProject: "Open Example Project",
    product: "libexample",
    weakness: "Heap-Based Buffer Overflow",
    cwes: ["CWE-122", "CWE-787"],
    dateAdded: "2026-10-20",
    dueDate: "2026-11-10",
  },
  {
    cveID: "CVE-2025-9900007",
    vendorProject: "Exampletronics",
    product: "Multiple Chipsets",
    weakness: "Use-After-Free",
    cwes: ["CWE-416"],
    dateAdded: "2026-09-30",
    dueDate: "2026-10-21",
  },
  {
    cveID: "CVE-2024-9900006",
    vendorProject: "Exampletronics",
    product: "Backup Appliance",
    weakness: "Path Traversal",
    cwes: ["CWE-22", "CWE-434"],
    dateAdded: "2026-08-18",
    dueDate: "2026-09-08",
    isUsedByRansomware: true,
  },
  {
    cveID: "CVE-2023-9900005",
    vendorProject: "Open Example Project",
    product: "Content Manager",
    weakness: "SQL Injection",
    cwes: ["CWE-89"],
    dateAdded: "2025-05-06",
    dueDate: "2025-05-27",
  },
  {
    cveID: "CVE-2021-9900004",
    vendorProject: "Examplesoft",
    product: "Directory Service",
    weakness: "Privilege Escalation",
    cwes: [],
    dateAdded: "2022-03-03",
    dueDate: "2022-03-24",
    isUsedByRansomware: true,
  },
];

/** A catalogue as CISA publishes it: the newest entries come first. */
const catalogue = {
  title: "Invented catalogue for demonstrations",
  catalogVersion: "2026.11.24",
  dateReleased: "2026-11-24T17:00:00.0000Z",
  count: entries.length,
  vulnerabilities: entries.map(({ weakness, isUsedByRansomware = false, ...entry }) => ({
    ...entry,
    vulnerabilityName: `${entry.vendorProject} ${entry.product} ${weakness} Vulnerability`,
    shortDescription: `An invented vulnerability of ${entry.product}, for demonstrations.`,
    requiredAction: "None: this vulnerability is invented.",
    knownRansomwareCampaignUse: isUsedByRansomware ? "Known" : "Unknown",
    notes: `https://advisories.example.com/${entry.cveID} ; https://cve.example.org/${entry.cveID}`,
  })),
};

const path = "known_exploited_vulnerabilities.json";
const etag = `"${catalogue.catalogVersion}"`;

/** A small catalogue of invented vulnerabilities. */
export const demo: AnsweredDemo = {
  settings: ({ url }) => ({ KEV_URL: `${url}${path}` }),
  answer({ url, headers }) {
    if (new URL(url).pathname !== `/${path}`) {
      return new Response("Not Found", { status: 404 });
    }
    return headers.get("if-none-match") === etag
      ? new Response(null, { status: 304, headers: { etag } })
      : Response.json(catalogue, { headers: { etag } });
  },
  questions: [
    {
      question: "Vulnerabilities that ransomware uses, newest first",
      step: "vulnerabilities",
      filter: { "enriched.ransomware": true, removed_at: null },
      sort: { "enriched.added_at": -1 },
      columns: {
        CVE: "_id",
        vendor: "enriched.vendor",
        product: "enriched.product",
        added: "data.dateAdded",
        due: "data.dueDate",
      },
    },
    {
      question: "Path traversal (CWE-22)",
      step: "vulnerabilities",
      filter: { "enriched.cwes": "CWE-22", removed_at: null },
      sort: { "enriched.added_at": -1 },
      columns: { CVE: "_id", name: "enriched.name" },
    },
  ],
};
