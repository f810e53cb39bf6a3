import { resolve } from "node:path";
import { startEmbeddedMongo } from "@cti-connectors/embedded-mongo";
import { hasRealData, nameRealData, realData } from "@cti-connectors/sandbox/testing";
import type { BenchOptions } from "../bench-options.js";
import { formatLoad } from "./format-load.js";
import { generateObjects } from "./generate-objects.js";
import { measure } from "./measure.js";
import { readObjects } from "./read-objects.js";
import { type Summary, summarize } from "./summarize.js";
import { toDocuments } from "./to-documents.js";

const defaultFile = realData("attack/enterprise-attack-18.1.json.gz");
const objectsOfEnterprise = 24_772;

export interface LoadResult {
  readonly source: string;
  readonly documents: number;
  readonly rounds: number;
  readonly servers: readonly { readonly server: string; readonly results: readonly Summary[] }[];
}

/** How long the load of Enterprise takes beside the driver's own ways, on each server. */
export async function measureLoad({
  file,
  rounds,
  documents: most,
  capSeconds,
  print,
}: BenchOptions): Promise<LoadResult> {
  const { objects, source } = findObjects(file, process.env);
  const documents = toDocuments(objects.slice(0, most));
  console.error(`${documents.length} documents of ${source}, ${rounds} rounds`);

  const servers: LoadResult["servers"][number][] = [];
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
  return { source, documents: documents.length, rounds, servers };

  async function measureServer(server: string, serverUri: string) {
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
    print(`\n${server}\n${formatLoad(results, documents.length)}`);
    return { server, results };
  }
}

/** A relative path counts from the folder where the person typed the command: `INIT_CWD` under pnpm. */
function findObjects(given: string | undefined, environment: NodeJS.ProcessEnv) {
  const file = given === undefined ? defaultFile : resolve(environment.INIT_CWD ?? "", given);
  if (given === undefined && !hasRealData(file)) {
    console.error(
      `Generated objects of the same sizes take the place of ${nameRealData("the real ones", file)}.`,
    );
    return { objects: generateObjects(objectsOfEnterprise), source: "generated objects" };
  }
  return { objects: readObjects(file), source: file };
}
