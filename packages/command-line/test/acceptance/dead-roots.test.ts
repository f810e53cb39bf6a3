import { isDeepStrictEqual } from "node:util";
import { startSandbox } from "@cti-connectors/sandbox";
import type { Db } from "mongodb";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { finish, inDatabase, startRun } from "../../src/testing/run-process.js";
import { startProcess } from "../../src/testing/start-process.js";
import { temporaryFolder } from "../../src/testing/temporary-folder.js";
import { type StixObject, threeReleases } from "../../src/testing/upstream-data.js";

const timeoutMs = 300_000;
const deadRoots = ["/api/v21/attack-11.0-beta/", "/api/v21/attack-99.0/"];
const version = ({ modified, created = "" }: StixObject) => modified ?? created;

/** What must be stored of one object version. */
interface Held {
  readonly object: StixObject;
  readonly releases: readonly string[];
}

test(`all releases of ${threeReleases.name} are loaded in one run, exactly, although discovery lists two dead roots`, {
  timeout: timeoutMs,
}, async () => {
  const files = threeReleases.args.filter((arg) => arg.includes("/attack/"));
  const sandbox = await startSandbox({
    ...(files.length > 0 && { attackFiles: files }),
    quota: null,
    taxii: { deadRoots },
  });
  onTestFinished(() => sandbox.close());
  const env = {
    MITRE_TAXII_URL: sandbox.taxiiUrl,
    MITRE_RELEASES: "all",
    API_URL: sandbox.threatfoxUrl,
    THREATFOX_API_KEY: sandbox.authKey,
  };
  const target = { folder: temporaryFolder() };

  const first = await finish(startRun({ env }, target, { timeoutMs }));
  expect(first.steps.get("collections")?.missing).toEqual(["attack-99.0"]);
  expect(first.steps.get("releases")?.missing).toEqual(["attack-11.0-beta"]);
  const truth = await readTruth(sandbox.taxiiUrl);
  await inDatabase(target, (database) => expectExact(database, truth));

  const sent = sandbox.requests.length;
  const second = await finish(startRun({ env }, target, { timeoutMs }));
  const asked = sandbox.requests.slice(sent).filter(({ upstream }) => upstream === "taxii");
  expect(asked.map(({ url }) => url)).toEqual([
    "/taxii2/",
    "/api/v21/attack-99.0/collections/",
    "/api/v21/attack-11.0-beta/collections/",
  ]);
  expect(second.mitre.steps.reduce((sum, { inserted, updated }) => sum + inserted + updated, 0)).toBe(0);

  const status = await startProcess(["status"], { folder: target.folder, env, timeoutMs });
  expect(status.stdout).toContain("releases: not loaded: attack-11.0-beta. The next run tries again");
  const json = await startProcess(["status", "--json"], { folder: target.folder, env, timeoutMs });
  expect(json.stdout).toContain('"attack-99.0"');
});

/** Collection id → release → its objects, as the server has them. */
type Truth = ReadonlyMap<string, ReadonlyMap<string, readonly StixObject[]>>;

async function readTruth(taxiiUrl: string): Promise<Truth> {
  const get = async (path: string): Promise<unknown> =>
    (await fetch(new URL(path, taxiiUrl), { headers: { accept: "application/taxii+json" } })).json();
  const { api_roots } = z.object({ api_roots: z.array(z.string()) }).parse(await get("/taxii2/"));
  const listed = z.object({ collections: z.array(z.object({ id: z.string() })) });
  const content = z.object({
    objects: z.array(
      z.looseObject({
        type: z.string(),
        id: z.string(),
        created: z.string().optional(),
        modified: z.string().optional(),
      }),
    ),
  });
  const truth = new Map<string, Map<string, readonly StixObject[]>>();
  for (const root of api_roots) {
    const release = /attack-(.+)$/.exec(root)?.[1];
    if (release === undefined || deadRoots.includes(`${root}/`)) {
      continue;
    }
    for (const { id } of listed.parse(await get(`${root}/collections/`)).collections) {
      const path = `${root}/collections/${id}/objects/?match[version]=all`;
      const releases = truth.get(id) ?? new Map<string, readonly StixObject[]>();
      truth.set(id, releases.set(release, content.parse(await get(path)).objects));
    }
  }
  return truth;
}

async function expectExact(database: Db, truth: Truth): Promise<void> {
  let objects = 0;
  let versions = 0;
  for (const [collectionId, releases] of truth) {
    // The sandbox lists them from old to new.
    const newest = [...releases.values()].at(-1) ?? [];
    const current = new Set(newest.map((object) => `${object.id}/${version(object)}`));
    const currentIds = new Set(newest.map(({ id }) => id));
    const held = new Map<string, Held>();
    for (const [release, list] of releases) {
      for (const object of list) {
        const key = `${object.id}/${version(object)}`;
        held.set(key, { object, releases: [...(held.get(key)?.releases ?? []), release] });
      }
    }
    const wrong: string[] = [];
    for await (const { _id, data, enriched, removed_at, removed_reason } of database
      .collection<{ _id: string } & Record<string, unknown>>("objects")
      .find({ "data.collection_id": collectionId })) {
      objects += 1;
      const key = _id.slice(collectionId.length + 1);
      const expected = held.get(key);
      const reason = currentIds.has(key.split("/")[0] ?? "") ? "superseded" : "withdrawn";
      const isRight =
        isDeepStrictEqual(data, { collection_id: collectionId, objects: [expected?.object] }) &&
        isDeepStrictEqual(Object(enriched).releases, expected?.releases) &&
        (current.has(key) ? removed_at === null : removed_reason === reason);
      if (!isRight) {
        wrong.push(_id);
      }
      held.delete(key);
    }
    expect({ wrong, missing: [...held.keys()] }).toEqual({ wrong: [], missing: [] });
    versions += new Set([...releases.values()].flat().map(({ id }) => id)).size;
  }
  expect(objects).toBeGreaterThan(100);
  expect(await database.collection("versions").countDocuments()).toBe(versions);
}
