import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHttpClient, createLogger } from "@cti-connectors/core/host";
import { createTaxiiClient, type TaxiiApiRoot } from "@cti-connectors/mitre-taxii";
import { startSandbox } from "@cti-connectors/sandbox";
import { hasRealData, nameRealData, realData } from "@cti-connectors/sandbox/testing";

/** Releases of ATT&CK as bundle files. */
export interface Releases {
  /** Which they are. */
  readonly source: string;
  /** One of Enterprise, one of Mobile. */
  readonly others: readonly string[];
  readonly olderIcs: string;
  readonly newerIcs: string;
  /** Removes files that were made for this. */
  remove(): Promise<void>;
}

const olderRelease = "17.1";
const newerRelease = "18.1";
const ics = "x-mitre-collection--90c00720-636b-4485-b342-8751d232bf09";

/** The real releases beside the repository, or the sandbox's built-in ones. */
export async function findReleases(): Promise<Releases> {
  const file = (domain: string, version: string) => realData(`attack/${domain}-attack-${version}.json.gz`);
  const real = {
    source: `Enterprise ${newerRelease}, Mobile 14.1 and ICS ${olderRelease} and ${newerRelease} of ${realData("attack")}`,
    others: [file("enterprise", newerRelease), file("mobile", "14.1")],
    olderIcs: file("ics", olderRelease),
    newerIcs: file("ics", newerRelease),
    remove: async () => {},
  };
  const files = [...real.others, real.olderIcs, real.newerIcs];
  if (hasRealData(...files)) {
    return real;
  }
  console.error(
    `The sandbox's built-in data set takes the place of ${nameRealData("the real data", ...files)}.`,
  );
  return writeDemoReleases();
}

async function writeDemoReleases(): Promise<Releases> {
  const folder = await mkdtemp(join(tmpdir(), "cti-bench-"));
  const remove = () => rm(folder, { recursive: true });
  const sandbox = await startSandbox({ quota: null });
  try {
    const http = createHttpClient({
      settings: {},
      log: createLogger({ level: "silent" }),
      signal: new AbortController().signal,
    });
    const client = createTaxiiClient({ http, url: sandbox.taxiiUrl });
    const newest = await client.defaultRoot();
    const others: string[] = [];
    for (const { id } of await newest.collections()) {
      if (id !== ics) {
        others.push(await writeBundle(newest, id));
      }
    }
    return {
      source: "the sandbox's built-in data set",
      others,
      olderIcs: await writeBundle(client.root(`/api/v21/attack-${olderRelease}/`), ics),
      newerIcs: await writeBundle(client.root(`/api/v21/attack-${newerRelease}/`), ics),
      remove,
    };
  } catch (error) {
    await remove();
    throw error;
  } finally {
    await sandbox.close();
  }

  async function writeBundle(root: TaxiiApiRoot, collection: string): Promise<string> {
    const objects: unknown[] = [];
    for await (const { entries } of root.objects(collection)) {
      objects.push(...entries);
    }
    const file = join(folder, `${new URL(root.url).pathname.replaceAll("/", "_")}${collection}.json`);
    await writeFile(file, JSON.stringify({ type: "bundle", id: `bundle--${collection}`, objects }));
    return file;
  }
}
