import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { hasRealData, nameRealData, realData } from "@cti-connectors/sandbox/testing";
import { z } from "zod";
import type { RunningSandbox } from "./sandbox-process.js";

const stixObject = z.looseObject({
  type: z.string(),
  id: z.string(),
  created: z.string().optional(),
  modified: z.string().optional(),
});
const bundle = z.object({ objects: z.array(stixObject) });
const iocRecord = z.looseObject({ id: z.string() });
const iocAnswer = z.object({ query_status: z.literal("ok"), data: z.array(iocRecord) });

export type StixObject = z.output<typeof stixObject>;
export type IocRecord = z.output<typeof iocRecord>;

/** What upstreams serve, and so what a load must bring. */
export interface UpstreamData {
  /** By the id of their collection. */
  readonly collections: ReadonlyMap<string, readonly StixObject[]>;
  readonly iocs: readonly IocRecord[];
}

type SandboxAddresses = Pick<RunningSandbox, "taxii" | "threatfox" | "authKey">;

export interface DataSet {
  /** For the name of a test. */
  readonly name: string;
  /** Of `sandbox`. */
  readonly args: readonly string[];
  /** How many objects there are, where that is known without reading them. */
  readonly objects?: number;
  /** Reads it without the code under test; the built-in data from the sandbox itself, where it costs requests. */
  read(sandbox: SandboxAddresses): Promise<UpstreamData>;
}

const iocsFile = realData("threatfox/get_iocs.json");

/** The built-in data of the sandbox. */
export const builtIn: DataSet = { name: "the built-in data", args: [], read: readFromSandbox };

/** All three ATT&CK domains and 24 IOCs. */
export const threeDomains: DataSet = realOrBuiltIn(
  ["enterprise-attack-18.1", "ics-attack-18.1", "mobile-attack-14.1"],
  28_785,
);

/** One ATT&CK domain and 24 IOCs. */
export const oneDomain: DataSet = realOrBuiltIn(["ics-attack-18.1"], 1_826);

/** Three releases of ATT&CK, two of them of one domain. */
export const threeReleases: Pick<DataSet, "name" | "args"> = realOrBuiltIn(
  ["ics-attack-17.1", "ics-attack-18.1", "mobile-attack-14.1"],
  5_664,
);

function realOrBuiltIn(releases: readonly string[], objects: number): DataSet {
  const files = releases.map((release) => realData(`attack/${release}.json.gz`));
  const real = nameRealData(`the real data of ${releases.join(", ")}`, ...files, iocsFile);
  if (!hasRealData(...files, iocsFile)) {
    return { ...builtIn, name: `the built-in data in place of ${real}` };
  }
  return {
    name: real,
    args: ["--attack", ...files, "--threatfox", iocsFile],
    objects,
    read: async () => ({
      collections: new Map(files.map((file) => readBundle(file))),
      iocs: iocAnswer.parse(JSON.parse(readFileSync(iocsFile, "utf8"))).data,
    }),
  };
}

function readBundle(file: string): readonly [string, readonly StixObject[]] {
  const { objects } = bundle.parse(JSON.parse(gunzipSync(readFileSync(file)).toString("utf8")));
  const release = objects.find(({ type }) => type === "x-mitre-collection");
  if (release === undefined) {
    throw new Error(`${file} has no x-mitre-collection object`);
  }
  return [release.id, objects];
}

async function readFromSandbox({ taxii, threatfox, authKey }: SandboxAddresses): Promise<UpstreamData> {
  const root = new URL("/api/v21/", taxii);
  const get = async (path: string): Promise<unknown> =>
    (await fetch(new URL(path, root), { headers: { accept: "application/taxii+json;version=2.1" } })).json();
  const listed = z.object({ collections: z.array(z.object({ id: z.string() })) });
  const collections = new Map<string, readonly StixObject[]>();
  for (const { id } of listed.parse(await get("collections/")).collections) {
    collections.set(id, bundle.parse(await get(`collections/${id}/objects/`)).objects);
  }
  const answer = await fetch(threatfox, {
    method: "POST",
    headers: { "auth-key": authKey },
    body: JSON.stringify({ query: "get_iocs", days: 3 }),
  });
  return { collections, iocs: iocAnswer.parse(await answer.json()).data };
}
