import type { Fault } from "@cti-connectors/sandbox";
import type { ConnectorName } from "./fault-world.js";

/** What an upstream can answer in place of what was asked for. */
export interface HttpFault {
  /** As the table names it. */
  readonly name: string;
  readonly answer: Fault["answer"];
}

/** Where a fault is put: the requests of an undisturbed run, in their order. */
export interface HttpPlace {
  readonly name: string;
  readonly connector: ConnectorName;
  readonly upstream: Fault["upstream"];
  /** Default `attack`. */
  readonly flavor?: "standard";
  /** Part of the path and query. Absent: any. */
  readonly path?: string;
  /** How many of them come before. */
  readonly skip?: number;
}

/** Longer than any time-out, and than any pause between attempts. */
export const hangMs = 60_000;

const json = { "content-type": "application/json" };

export const httpFaults: readonly HttpFault[] = [
  {
    name: "500 with a message",
    answer: { kind: "status", status: 500, headers: json, body: '{"title":"Internal Server Error"}' },
  },
  { name: "502, HTML of a gateway", answer: { kind: "html", status: 502 } },
  { name: "503, Retry-After: 0", answer: { kind: "status", status: 503, headers: { "retry-after": "0" } } },
  {
    name: "503, Retry-After: ten hours",
    answer: { kind: "status", status: 503, headers: { "retry-after": "36000" } },
  },
  { name: "429, Retry-After: 0", answer: { kind: "status", status: 429, headers: { "retry-after": "0" } } },
  {
    name: "401 with a message",
    answer: { kind: "status", status: 401, headers: json, body: '{"title":"Unauthorized"}' },
  },
  { name: "403, HTML of a firewall", answer: { kind: "html", status: 403 } },
  {
    name: "404 with a message",
    answer: { kind: "status", status: 404, headers: json, body: '{"title":"Not Found"}' },
  },
  {
    name: "301 to another origin",
    answer: { kind: "status", status: 301, headers: { location: "https://elsewhere.example/" } },
  },
  { name: "connection cut before the answer", answer: { kind: "disconnect" } },
  { name: "connection cut within the body", answer: { kind: "truncate" } },
  { name: "no answer until the time-out", answer: { kind: "delay", delayMs: hangMs } },
  { name: "200, JSON that ends early", answer: { kind: "malformed-json" } },
  { name: "200, HTML", answer: { kind: "html", status: 200 } },
  { name: "200, nothing", answer: { kind: "status", status: 200 } },
];

export const httpPlaces: readonly HttpPlace[] = [
  { name: "TAXII discovery", connector: "mitre-taxii", upstream: "taxii", path: "/taxii2/" },
  { name: "TAXII collections", connector: "mitre-taxii", upstream: "taxii", path: "/collections/" },
  {
    name: "TAXII manifest, page 2",
    connector: "mitre-taxii",
    upstream: "taxii",
    path: "/manifest/",
    skip: 1,
  },
  { name: "TAXII objects, page 2", connector: "mitre-taxii", upstream: "taxii", path: "/objects/", skip: 1 },
  {
    name: "TAXII versions (server of another maker)",
    connector: "mitre-taxii",
    upstream: "taxii",
    flavor: "standard",
    path: "match[version]=all",
  },
  { name: "ThreatFox get_iocs", connector: "threatfox", upstream: "threatfox", path: "/api/v1/" },
  {
    name: "ThreatFox malware_list",
    connector: "threatfox",
    upstream: "threatfox",
    path: "/api/v1/",
    skip: 1,
  },
];
