import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startEmbeddedMongo } from "@cti-connectors/embedded-mongo";
import { formatTable } from "./format-table.js";
import { generateObjects } from "./generate-objects.js";
import { measure } from "./measure.js";
import { readObjects } from "./read-objects.js";
import { type Summary, summarize } from "./summarize.js";
import { toDocuments } from "./to-documents.js";

const defaultFile = fileURLToPath(
  new URL("../../shared/data/attack/enterprise-attack-18.1.json.gz", import.meta.url),
);
const objectsOfEnterprise = 24_772;

const usage = `pnpm bench [--file BUNDLE] [--rounds N] [--documents N] [--json]

  --file       a STIX bundle, .gz too. Default: Enterprise 18.1 beside the repository, or generated objects
  --rounds     how often each variant is measured. Default 3
  --documents  only the first N objects
  --cap        seconds after which a variant of one document at a time is stopped and extrapolated. Default 20
  --json       the result as JSON on stdout`;

interface ServerResult {
  readonly server: string;
  readonly results: readonly Summary[];
}

const { values } = parseArgs({
  options: {
    file: { type: "string" },
    rounds: { type: "string", default: "3" },
    documents: { type: "string", default: String(Number.MAX_SAFE_INTEGER) },
    cap: { type: "string", default: "20" },
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
  const rounds = positive("--rounds", values.rounds);
  const capSeconds = positive("--cap", values.cap);
  const { objects, source } = findObjects(process.env);
  const documents = toDocuments(objects.slice(0, positive("--documents", values.documents)));
  console.error(`${documents.length} documents of ${source}, ${rounds} rounds`);

  const servers: ServerResult[] = [];
  const embedded = await startEmbeddedMongo();
  try {
    servers.push(await measureServer("embedded-mongo, in this process as in the product", embedded.uri));
  } finally {
    await embedded.close();
  }
  const uri = process.env.TEST_MONGO_URI ?? "";
  if (uri === "") {
    console.error("\nskipped: an independent server. Set TEST_MONGO_URI to its URI to measure it too.");
  } else {
    servers.push(await measureServer("the server in TEST_MONGO_URI", uri));
  }
  if (values.json) {
    console.log(JSON.stringify({ source, documents: documents.length, rounds, servers }, undefined, 2));
  }

  async function measureServer(server: string, serverUri: string): Promise<ServerResult> {
    console.error(`\n${server}`);
    const measurements = await measure({
      uri: serverUri,
      documents,
      rounds,
      capSeconds,
      onMeasured: ({ title }, round, seconds) => {
        console.error(`  round ${round}: ${title} ${seconds.toFixed(2)} s`);
      },
    });
    const results = summarize(measurements, documents.length);
    if (!values.json) {
      console.log(`\n${server}\n${formatTable(results, documents.length)}`);
    }
    return { server, results };
  }
}

/** A relative path counts from the folder where the person typed the command: `INIT_CWD` under pnpm. */
function findObjects(environment: NodeJS.ProcessEnv) {
  const file = values.file === undefined ? defaultFile : resolve(environment.INIT_CWD ?? "", values.file);
  if (values.file === undefined && !existsSync(file)) {
    console.error(`${file} is missing: measuring generated objects of the same sizes instead.`);
    return { objects: generateObjects(objectsOfEnterprise), source: "generated objects" };
  }
  return { objects: readObjects(file), source: file };
}

function positive(option: string, text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) {
    console.error(`${option} ${text}: a whole number above 0 was expected.`);
    process.exit(2);
  }
  return number;
}
