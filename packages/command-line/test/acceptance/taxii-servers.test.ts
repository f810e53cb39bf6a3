import { randomUUID } from "node:crypto";
import { startSandbox } from "@cti-connectors/sandbox";
import { expect, test } from "vitest";
import { z } from "zod";
import { expectListed } from "../../src/testing/expect-listed.js";
import { finish, inDatabase, startRun } from "../../src/testing/run-process.js";
import { signalAt } from "../../src/testing/start-process.js";
import { temporaryFolder } from "../../src/testing/temporary-folder.js";
import { oneDomain, type StixObject } from "../../src/testing/upstream-data.js";

const timeoutMs = 300_000;
/** At least five pages, whichever data there is; medallion's are never larger than 100. */
const pageSize = oneDomain.objects === undefined ? 3 : 100;
const pagesBeforeKill = 3;
const mediaType = "application/taxii+json;version=2.1";

const loaded = pagesBeforeKill * pageSize;
const killedAt = new RegExp(`page loaded .*step=objects extracted=${loaded} `);

interface Server {
  readonly name: string;
  /** The environment variable with its URL, as its script in `.ci` prints it. */
  readonly variable: string;
  /** What it serves of an object that was added; undefined where it cannot take it. */
  serves(object: StixObject): StixObject | undefined;
  /** Whether a `next` token can be used up. */
  readonly forgetsTokens: boolean;
}

const servers: readonly Server[] = [
  {
    name: "OASIS medallion",
    variable: "TEST_MEDALLION",
    serves: (object) => object,
    forgetsTokens: true,
  },
  {
    name: "OpenTAXII",
    variable: "TEST_OPENTAXII",
    // It wants a `modified`, and writes the type in place of the version of STIX.
    serves: (object) =>
      object.modified === undefined ? undefined : { ...object, spec_version: object.type },
    forgetsTokens: false,
  },
];

for (const { name, variable, serves, forgetsTokens } of servers) {
  const url = process.env[variable] || undefined;
  const what = `${oneDomain.name} from ${name}, in pages of ${pageSize}`;

  test.skipIf(url === undefined)(
    `a killed run over ${what}, is made up for, and what is added comes with the next one${url === undefined ? ` (skipped: ${variable} is not set)` : ""}`,
    { timeout: timeoutMs },
    async () => {
      const { collection, settings } = await fillCollection(url ?? "", await readObjects(), serves);
      const target = { folder: temporaryFolder() };
      const run = (env: Readonly<Record<string, string>> = {}) =>
        startRun({ env: settings }, target, {
          args: ["mitre-taxii"],
          env: { LOG_LEVEL: "debug", ...env },
          timeoutMs,
        });
      const listed = collection.objects.length;
      expect(listed).toBeGreaterThan(5 * pageSize);

      const killed = await run(signalAt("SIGKILL", killedAt));
      expect(killed.signal, killed.stderr).toBe("SIGKILL");
      if (forgetsTokens) {
        await useUpToken(collection, killed.stderr);
      }
      const second = await finish(run(), ["mitre-taxii"]);
      expect(second.stderr.match(/ status=400/gu) ?? []).toHaveLength(forgetsTokens ? 1 : 0);
      expect(second.steps.get("objects")?.extracted).toBe(forgetsTokens ? listed : listed - loaded);
      await inDatabase(target, (database) =>
        expectListed(database, new Map([[collection.id, collection.objects]])),
      );

      const { added, superseded } = changesOf(collection.objects);
      await collection.add(added);
      const next = await finish(run(), ["mitre-taxii"]);
      expect(next.steps.get("objects")).toMatchObject({ inserted: added.length, superseded: 1 });
      // By their ids, and no page of all objects.
      const requests = next.stderr.match(/request .*\/objects\/\?/gu);
      expect(requests).toHaveLength(Math.ceil(added.length / pageSize));
      await inDatabase(target, async (database) => {
        const now = [...collection.objects.filter((object) => object !== superseded), ...added];
        const served = now.flatMap((object) => serves(object) ?? []);
        await expectListed(
          database,
          new Map([[collection.id, served]]),
          new Map([[collection.id, [superseded]]]),
        );
        expect(await database.collection("etl_rejected").countDocuments()).toBe(0);
      });
      expect((await finish(run(), ["mitre-taxii"])).written).toBe(0);
    },
  );
}

/** Those of the largest collection. */
async function readObjects(): Promise<readonly StixObject[]> {
  const sandbox = await startSandbox();
  try {
    const { taxiiUrl: taxii, threatfoxUrl: threatfox, authKey } = sandbox;
    const { collections } = await oneDomain.read({ taxii, threatfox, authKey });
    return [...collections.values()].sort((a, b) => b.length - a.length)[0] ?? [];
  } finally {
    await sandbox.close();
  }
}

/** Five new objects, and a new version of one of these. */
function changesOf(objects: readonly StixObject[]) {
  const superseded = objects.find(
    ({ type, modified }) => type === "attack-pattern" && modified !== undefined,
  );
  if (superseded === undefined) {
    throw new Error("there is no technique");
  }
  const at = "2030-01-01T00:00:00.000Z";
  const indicators = Array.from({ length: 5 }, (_, index) => ({
    type: "indicator",
    spec_version: "2.1",
    id: `indicator--${randomUUID()}`,
    created: at,
    modified: at,
    pattern: `[domain-name:value = 'c2-${index}.example']`,
    pattern_type: "stix",
    valid_from: at,
  }));
  const version = { ...superseded, spec_version: "2.1", modified: at, name: "A new name" };
  return { superseded, added: [...indicators, version] };
}

interface FilledCollection {
  readonly id: string;
  /** As the server serves them. */
  readonly objects: readonly StixObject[];
  add(objects: readonly StixObject[]): Promise<void>;
  get(path: string): Promise<Response>;
}

const discovery = z.object({ default: z.string() });
const collections = z.object({ collections: z.array(z.object({ id: z.string(), title: z.string() })) });
const page = z.object({ more: z.boolean().optional(), objects: z.array(z.unknown()).optional() });
const status = z.object({ failure_count: z.literal(0) });

/** Fills the first empty collection of a server, and gives the settings that lead a run to it. */
async function fillCollection(
  url: string,
  objects: readonly StixObject[],
  serves: Server["serves"],
): Promise<{ readonly collection: FilledCollection; readonly settings: Readonly<Record<string, string>> }> {
  const { username, password, origin, pathname } = new URL(url);
  const headers = { accept: mediaType, authorization: `Basic ${btoa(`${username}:${password}`)}` };
  const ask = async (path: string | URL, init: RequestInit = {}) =>
    fetch(path, { ...init, headers: { ...headers, ...init.headers } });
  const read = async (path: string | URL): Promise<unknown> => (await ask(path)).json();

  const taxiiUrl = new URL(pathname, origin);
  const root = new URL(discovery.parse(await read(taxiiUrl)).default, taxiiUrl);
  for (const { id, title } of collections.parse(await read(new URL("collections/", root))).collections) {
    const address = new URL(`collections/${id}/`, root);
    const manifest = page.parse(await read(new URL("manifest/?limit=1", address)));
    if ((manifest.objects ?? []).length > 0) {
      continue;
    }
    const add = async (some: readonly StixObject[]) => {
      const response = await ask(new URL("objects/", address), {
        method: "POST",
        headers: { "content-type": mediaType },
        body: JSON.stringify({ objects: some }),
      });
      expect(response.status).toBe(202);
      status.parse(await response.json());
    };
    await add(objects.filter((object) => serves(object) !== undefined));
    return {
      collection: {
        id,
        objects: objects.flatMap((object) => serves(object) ?? []),
        add,
        get: (path) => ask(new URL(path, address)),
      },
      settings: {
        MITRE_TAXII_URL: taxiiUrl.href,
        MITRE_USERNAME: username,
        MITRE_PASSWORD: password,
        MITRE_COLLECTIONS: title,
        MITRE_PAGE_SIZE: String(pageSize),
        MITRE_REQUEST_BUDGET: "off",
      },
    };
  }
  throw new Error(`no collection of ${taxiiUrl.href} is empty any more: start the server again`);
}

/** Reads to its end what the last page of objects pointed to, so that the server forgets its token. */
async function useUpToken({ get }: FilledCollection, stderr: string): Promise<void> {
  const path = [...stderr.matchAll(/\/(objects\/\?[^\s"]*next=[^\s"&]+)/gu)].at(-1)?.[1];
  if (path === undefined) {
    throw new Error(`no page was asked for by its token:\n${stderr}`);
  }
  for (;;) {
    const response = await get(path);
    if (!response.ok) {
      expect(response.status).toBe(400);
      return;
    }
    page.parse(await response.json());
  }
}
