import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore, type Store } from "@cti-connectors/core/host";
import { runInTest } from "@cti-connectors/core/testing";
import { startEmbeddedMongo } from "@cti-connectors/embedded-mongo";
import { mitreTaxii } from "@cti-connectors/mitre-taxii";
import { type SandboxOptions, serveOnLoopback, startSandbox } from "@cti-connectors/sandbox";
import { createTaxiiApp, taxiiContentType } from "@cti-connectors/taxii-server";
import { expect, onTestFinished, test, vi } from "vitest";
import { z } from "zod";
import { createAttackSource } from "../../src/taxii/create-attack-source.js";

vi.setConfig({ testTimeout: 60_000 });

const collection = "x-mitre-collection--90c00720-636b-4485-b342-8751d232bf09";
const stixObject = z.looseObject({ id: z.string(), modified: z.string().optional() });
type StixObject = z.output<typeof stixObject>;
const envelope = z.object({
  more: z.boolean().default(false),
  next: z.string().default(""),
  objects: z.array(stixObject).default([]),
});

async function fetchPage(url: URL) {
  const answer = await fetch(url, { headers: { accept: taxiiContentType } });
  expect(answer.status).toBe(200);
  const last = answer.headers.get("x-taxii-date-added-last");
  return { ...envelope.parse(await answer.json()), last };
}

test("a client that polls between all writes of a run has the stored versions in the end, each once", async () => {
  const [older, newer] = await writeReleases("17.1", "18.1");
  const store = await openEmpty();
  const url = await serveStore(store);
  const port = await load(store, { attackFiles: [older] });
  const client = createClient(url);
  await client.poll();
  const first = client.received.length;
  expect(first).toBeGreaterThan(50);

  let polls = 0;
  const pollBetween = afterWrites(store, async () => {
    polls += 1;
    await client.poll();
  });
  await load(pollBetween, { attackFiles: [newer], taxiiPort: port });
  // The page was stored in several writes, all with the time at which it came.
  expect(polls).toBeGreaterThan(2);
  await client.poll();

  const { current, withdrawn } = await readStored(store);
  const held = new Map(client.received.map((object) => [object.id, object]));
  expect(client.received.length).toBeGreaterThan(first);
  expect(new Set(client.received.map(({ id, modified }) => `${id} ${modified}`)).size).toBe(
    client.received.length,
  );
  // No answer of TAXII says that an object is gone.
  for (const id of withdrawn) {
    held.delete(id);
  }
  expect(held).toEqual(new Map(current.map((object) => [object.id, object])));
});

/** A client as the standard wants it: it asks for what was added after all that it has, in short pages. */
function createClient(url: string) {
  const received: StixObject[] = [];
  let last: string | undefined;
  return {
    received,
    async poll() {
      const objects = new URL(`/api/v21/collections/${collection}/objects/?limit=500`, url);
      if (last !== undefined) {
        objects.searchParams.set("added_after", last);
      }
      for (let isMore = true; isMore; ) {
        const page = await fetchPage(objects);
        received.push(...page.objects);
        last = page.last ?? last;
        isMore = page.more;
        objects.searchParams.set("next", page.next);
      }
    },
  };
}

/** The same store, with something done after each write of objects before the next one. */
function afterWrites(store: Store, act: () => Promise<void>): Store {
  const { database } = store;
  const objects = new Proxy(database.collection("objects"), {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") {
        return member;
      }
      if (name === "initializeUnorderedBulkOp") {
        return () => {
          const bulk = target.initializeUnorderedBulkOp();
          const write = bulk.execute.bind(bulk);
          bulk.execute = () => write().finally(act);
          return bulk;
        };
      }
      return name === "bulkWrite"
        ? (...given: unknown[]) => Promise.resolve(Reflect.apply(member, target, given)).finally(act)
        : member.bind(target);
    },
  });
  const watched = new Proxy(database, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") {
        return member;
      }
      return (...given: unknown[]) =>
        name === "collection" && given[0] === "objects" ? objects : Reflect.apply(member, target, given);
    },
  });
  return { ...store, database: watched };
}

/** More than the pipeline stores at once. */
const tools = Array.from({ length: 1_500 }, (_, index) => {
  const at = "2025-01-01T00:00:00.000Z";
  const id = `tool--00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
  return { type: "tool", spec_version: "2.1", id, created: at, modified: at, name: `Tool ${index}` };
});

/** The ICS objects of the sandbox's releases, as bundle files. The newer one has many more. */
async function writeReleases(...releases: readonly [string, string]): Promise<readonly [string, string]> {
  const folder = await mkdtemp(join(tmpdir(), "releases-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const sandbox = await startSandbox({ quota: null });
  const write = async (release: string, more: readonly object[]) => {
    const root = `/api/v21/attack-${release}/collections/${collection}/objects/`;
    const { objects } = await fetchPage(new URL(root, sandbox.taxiiUrl));
    const file = join(folder, `ics-attack-${release}.json`);
    const bundle = { type: "bundle", id: `bundle--${release}`, objects: [...objects, ...more] };
    await writeFile(file, JSON.stringify(bundle));
    return file;
  };
  const files = [await write(releases[0], []), await write(releases[1], tools)] as const;
  await sandbox.close();
  return files;
}

async function openEmpty(): Promise<Store> {
  const server = await startEmbeddedMongo();
  const store = await openStore({ uri: server.uri, db: "test", kind: "mongodb" });
  onTestFinished(async () => {
    await store.close();
    await server.close();
  });
  return store;
}

async function serveStore({ reader: store }: Store): Promise<string> {
  const app = createTaxiiApp([createAttackSource({ store })], { title: "test" });
  const { url, close } = await serveOnLoopback((request) => app.fetch(request));
  onTestFinished(close);
  return url;
}

/** @returns the port of the upstream */
async function load(store: Store, options: SandboxOptions): Promise<number> {
  const sandbox = await startSandbox({ ...options, quota: null });
  try {
    const environment = { MITRE_TAXII_URL: sandbox.taxiiUrl, MITRE_PAGE_SIZE: "2000" };
    const { connector } = await runInTest({ connector: mitreTaxii, environment, store });
    expect(connector.status).toBe("ok");
    return Number(new URL(sandbox.taxiiUrl).port);
  } finally {
    await sandbox.close();
  }
}

const storedDocument = z.object({
  removed_at: z.date().nullable(),
  data: z.object({ objects: z.tuple([stixObject]) }),
});

async function readStored({ reader }: Store) {
  const current: StixObject[] = [];
  const ids = new Set<string>();
  for await (const document of reader.find("objects", { "data.collection_id": collection })) {
    const { removed_at, data } = storedDocument.parse(document);
    ids.add(data.objects[0].id);
    current.push(...(removed_at === null ? data.objects : []));
  }
  const withdrawn = [...ids].filter((id) => !current.some((object) => object.id === id));
  return { current, withdrawn };
}
