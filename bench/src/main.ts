import { parseArgs } from "node:util";
import { measureBackfill } from "./backfill/measure-backfill.js";
import type { BenchOptions } from "./bench-options.js";
import { measureLinks } from "./links/measure-links.js";
import { measureLoad } from "./load/measure-load.js";
import { measureLookup } from "./lookup/measure-lookup.js";
import { measureRequests } from "./requests/measure-requests.js";
import { measureServe } from "./serve/measure-serve.js";
import { measureSize } from "./size/measure-size.js";

const parts: Readonly<Record<string, (options: BenchOptions) => Promise<unknown>>> = {
  load: measureLoad,
  requests: measureRequests,
  backfill: measureBackfill,
  size: measureSize,
  links: measureLinks,
  lookup: measureLookup,
  serve: measureServe,
};

const usage = `pnpm bench [load] [requests] [backfill] [size] [links] [lookup] [serve] [--file BUNDLE] [--rounds N] [--documents N] [--cap N] [--records N] [--seconds N] [--json]

  load         how long the load of ATT&CK Enterprise takes beside the driver's own ways
  requests     what runs of the ATT&CK connector ask of its upstream
  backfill     how long a full export of ThreatFox and the domains of ATT&CK take, overlapped and not, beside the driver's insertMany, and how much memory
  size         how large stored documents and index keys are: generated IOCs, one release of ATT&CK
  links        how links between malware families and ATT&CK compare with a list made by others
  lookup       how long lookups take: a batch beside one find at a time, single terms
  serve        how fast ATT&CK is served over TAXII, to one client and to 50 at the same time, and how much memory
               Default: all

  --file       load: a STIX bundle, .gz too. Default: Enterprise 18.1 beside the repository, or generated objects
  --rounds     load, backfill, lookup, serve: how often each variant is measured. Default 3
  --documents  load: only the first N objects
  --cap        load: seconds after which a variant of one document at a time is stopped and extrapolated. Default 20
  --records    backfill, size, lookup, serve: how many records are generated. Default 20000; a full export has 1500000
  --seconds    serve: how long the clients read. Default 60
  --json       the results as JSON on stdout, by part`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    file: { type: "string" },
    rounds: { type: "string", default: "3" },
    documents: { type: "string", default: String(Number.MAX_SAFE_INTEGER) },
    cap: { type: "string", default: "20" },
    records: { type: "string", default: "20000" },
    seconds: { type: "string", default: "60" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (values.help) {
  console.log(usage);
} else {
  await main();
}

async function main(): Promise<void> {
  const names = positionals.length === 0 ? Object.keys(parts) : positionals;
  const chosen = names.map((name) => ({
    name,
    measure: parts[name] ?? refuse(`${name}: one of ${Object.keys(parts).join(", ")} was expected.`),
  }));
  const options: BenchOptions = {
    file: values.file,
    rounds: positive("--rounds", values.rounds),
    documents: positive("--documents", values.documents),
    capSeconds: positive("--cap", values.cap),
    records: positive("--records", values.records),
    seconds: positive("--seconds", values.seconds),
    print: values.json ? () => {} : console.log,
  };
  const results: Record<string, unknown> = {};
  for (const { name, measure } of chosen) {
    results[name] = await measure(options);
  }
  if (values.json) {
    console.log(JSON.stringify(results, undefined, 2));
  }
}

function positive(option: string, text: string): number {
  const number = Number(text);
  return Number.isSafeInteger(number) && number >= 1
    ? number
    : refuse(`${option} ${text}: a whole number above 0 was expected.`);
}

function refuse(message: string): never {
  console.error(message);
  process.exit(2);
}
