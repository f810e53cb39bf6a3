import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual, promisify } from "node:util";
import { serveOnLoopback } from "@cti-connectors/sandbox";
import { hasRealData, realData } from "@cti-connectors/sandbox/testing";
import { readIocs, writeStixBundle } from "@cti-connectors/threatfox";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { z } from "zod";
import { createServerApp } from "../../src/create-server-app.js";
import { useDemo } from "../../src/testing/use-demo.js";
import { type StoredValues, sendFuzz } from "./send-fuzz.js";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** A Python that has taxii2-client and attackcti: .ci/install-taxii-clients.sh. */
const python = process.env.TAXII_CLIENTS_PYTHON || undefined;
/** OASIS's validator, which brings the STIX 2.1 JSON schemas: .ci/install-stix-validator.sh. */
const validator = process.env.STIX2_VALIDATOR || undefined;

const attackFiles = ["enterprise-attack-18.1", "mobile-attack-14.1", "ics-attack-18.1"].map((name) =>
  realData(`attack/${name}.json.gz`),
);
const threatfoxFile = realData("threatfox/get_iocs.json");
const isReal = hasRealData(...attackFiles, threatfoxFile);
const data = isReal ? "real ATT&CK and ThreatFox" : "the built-in ATT&CK and ThreatFox";
const lacks = python === undefined ? " (skipped: TAXII_CLIENTS_PYTHON is not set)" : "";

const domains = {
  "enterprise-attack": "x-mitre-collection--1f5f1533-f617-4ca8-9ab4-6a02367fa019",
  "mobile-attack": "x-mitre-collection--dac0d2d7-8653-445c-9bff-82f934c1e858",
  "ics-attack": "x-mitre-collection--90c00720-636b-4485-b342-8751d232bf09",
};
const enterprise = domains["enterprise-attack"];
const iocs = "9c8a1c42-5b0f-5d5c-8f0e-6f3f6f1d7a55";
const iocCollection = "threatfox_raw";

const stixObject = z.looseObject({ id: z.string(), type: z.string(), modified: z.string().optional() });
type StixObject = z.output<typeof stixObject>;

const storedDocument = z.object({
  _id: z.string(),
  ingested_at: z.date(),
  data: z.object({ objects: z.tuple([stixObject]) }),
});
type StoredDocument = z.output<typeof storedDocument>;

/** A page of a collection, as taxii2-client asks for it. */
interface TaxiiQuestion {
  readonly root: string;
  readonly collection: string;
  readonly read: "get_objects" | "get_manifest";
  readonly limit: number;
  readonly filter?: Readonly<Record<string, string>>;
}

const listed = z.looseObject({ id: z.string() });
const taxiiAnswers = z.array(z.object({ pages: z.number(), objects: z.array(listed) }));
const record = z.object({ id: z.string(), version: z.string() });
const attackAnswers = z.tuple([
  z.object({
    objects: z.record(z.string(), z.array(record)),
    groups: z.array(z.string()),
    tactics: z.array(z.string()),
  }),
]);

const demo = useDemo(isReal ? { attackFiles, threatfoxFile } : {});

describe.skipIf(python === undefined)(`other people's clients and ${data}${lacks}`, () => {
  const server = { url: "", close: async () => {} };
  beforeAll(async () => {
    const app = createServerApp(demo.options);
    Object.assign(server, await serveOnLoopback((request) => app.fetch(request)));
  });
  afterAll(() => server.close());

  async function ask<Answer>(questions: readonly object[], answers: z.ZodType<Answer>): Promise<Answer> {
    const script = fileURLToPath(new URL("../../src/testing/read-with-clients.py", import.meta.url));
    const asked = promisify(execFile)(python ?? "", [script, `${server.url}taxii2/`], { maxBuffer: 1e9 });
    asked.child.stdin?.end(JSON.stringify(questions));
    return answers.parse(JSON.parse((await asked).stdout));
  }

  const known = new Map<string, Promise<readonly StoredDocument[]>>();
  /** What is current in the collection of a domain. */
  function readStored(collection: string): Promise<readonly StoredDocument[]> {
    const stored = known.get(collection) ?? findStored(collection);
    known.set(collection, stored);
    return stored;
  }

  async function findStored(collection: string): Promise<readonly StoredDocument[]> {
    const found: StoredDocument[] = [];
    const filter = { "data.collection_id": collection, removed_at: null };
    for await (const document of demo.store.reader.find("objects", filter)) {
      found.push(storedDocument.parse(document));
    }
    return found;
  }

  test("taxii2-client reads every domain page by page: each stored object, in its version, and the manifest", async () => {
    for (const collection of Object.values(domains)) {
      const whole = { root: "/api/v21/", collection, limit: 2_000 };
      const [objects, manifest] = await ask(
        [
          { ...whole, read: "get_objects" },
          { ...whole, read: "get_manifest" },
        ] satisfies TaxiiQuestion[],
        taxiiAnswers,
      );
      const stored = await readStored(collection);
      expect(objects?.pages).toBe(Math.ceil(stored.length / whole.limit));
      expectSameObjects(
        objects?.objects ?? [],
        stored.map((document) => document.data.objects[0]),
      );
      expect(sorted((manifest?.objects ?? []).map((each) => record.parse(each)))).toEqual(
        sorted(stored.map(recordOf)),
      );
    }
  });

  test("taxii2-client's filters let through what they name: by type, id, version and date added", async () => {
    const stored = await readStored(enterprise);
    const times = [...new Set(stored.map(({ ingested_at }) => ingested_at.getTime()))].sort();
    const middle = new Date(times[Math.floor((times.length - 1) / 2)] ?? 0);
    const [first, second] = stored.filter(({ data }) => data.objects[0].type === "attack-pattern");
    const typeOf = ({ data }: StoredDocument) => data.objects[0].type;
    const cases: readonly [Readonly<Record<string, string>>, (document: StoredDocument) => boolean][] = [
      [{ type: "tool,campaign" }, (one) => ["tool", "campaign"].includes(typeOf(one))],
      [{ id: [first, second].map((one) => one && recordOf(one).id).join() }, isOneOf(first, second)],
      [{ version: first ? recordOf(first).version : "" }, isOfVersion(first)],
      [{ version: "all", type: "malware" }, (one) => typeOf(one) === "malware"],
      [{ version: "first", type: "malware" }, (one) => typeOf(one) === "malware"],
      [{ added_after: middle.toISOString() }, ({ ingested_at }) => ingested_at > middle],
      [{ added_after: new Date(times.at(-1) ?? 0).toISOString() }, () => false],
    ];
    const questions = cases.map(
      ([filter]): TaxiiQuestion => ({
        ...{ root: "/api/v21/", collection: enterprise, read: "get_manifest", limit: 1_000, filter },
      }),
    );
    for (const [index, { objects }] of (await ask(questions, taxiiAnswers)).entries()) {
      const [filter, isWanted] = cases[index] ?? [];
      const wanted = stored.filter((one) => isWanted?.(one)).map(recordOf);
      const found = sorted(objects.map((each) => record.parse(each)));
      expect({ filter, found }).toEqual({ filter, found: sorted(wanted) });
    }
  });

  test("attackcti reads the three domains from it, each object in its version", async () => {
    const [{ objects, groups, tactics }] = await ask([{ root: "/api/v21/" }], attackAnswers);
    const names = { "intrusion-set": new Set<unknown>(), "x-mitre-tactic": new Set<unknown>() };
    for (const [domain, collection] of Object.entries(domains)) {
      const stored = await readStored(collection);
      expect(sorted(objects[domain] ?? [])).toEqual(sorted(stored.map(recordOf)));
      for (const { data } of stored) {
        const [{ type, name, revoked, x_mitre_deprecated }] = data.objects;
        if ((type === "intrusion-set" && !revoked && !x_mitre_deprecated) || type === "x-mitre-tactic") {
          names[type].add(name);
        }
      }
    }
    expect(groups).toEqual([...names["intrusion-set"]].sort());
    expect(tactics).toEqual([...names["x-mitre-tactic"]].sort());
  });

  test("taxii2-client reads the IOCs as an export has them, page by page", async () => {
    const exported = await exportIocs();
    const [all] = await ask(
      [{ root: "/threatfox/", collection: iocs, read: "get_objects", limit: 100 }] satisfies TaxiiQuestion[],
      taxiiAnswers,
    );
    expect(all?.pages).toBe(Math.ceil(exported.length / 100));
    // Which IOC describes a family is another question: its name and aliases are the same in all.
    const isOther = ({ id }: { readonly id: string }) => !id.startsWith("malware--");
    expectSameObjects(all?.objects.filter(isOther) ?? [], exported.filter(isOther));
    expect(all?.objects.map(({ id }) => id).sort()).toEqual(exported.map(({ id }) => id).sort());
  });

  const withoutValidator = validator === undefined ? " (skipped: STIX2_VALIDATOR is not set)" : "";
  test.skipIf(validator === undefined)(
    `OASIS's STIX 2.1 validator finds no error in them${withoutValidator}`,
    async () => {
      const questions: TaxiiQuestion[] = [
        { root: "/threatfox/", collection: iocs, read: "get_objects", limit: 2_000 },
      ];
      const [all] = await ask(questions, taxiiAnswers);
      expect(all?.objects.length).toBeGreaterThan(10);
      expect(await validate(all?.objects ?? [])).toContain("STIX JSON: Valid");
    },
  );

  async function exportIocs(): Promise<readonly StixObject[]> {
    let text = "";
    const found = readIocs({ reader: demo.store.reader, collection: iocCollection });
    for await (const piece of writeStixBundle(found)) {
      text += piece;
    }
    return z.object({ objects: z.array(stixObject) }).parse(JSON.parse(text)).objects;
  }
});

function recordOf({ _id, data }: StoredDocument): z.output<typeof record> {
  const [{ id, modified, created }] = data.objects;
  return record.parse({ id, version: modified ?? created ?? _id });
}

function isOneOf(...wanted: readonly (StoredDocument | undefined)[]) {
  return ({ _id }: StoredDocument) => wanted.some((one) => one?._id === _id);
}

function isOfVersion(wanted: StoredDocument | undefined) {
  const version = wanted && recordOf(wanted).version;
  return (one: StoredDocument) => recordOf(one).version === version;
}

function sorted(records: readonly z.output<typeof record>[]): readonly string[] {
  return records.map(({ id, version }) => `${id} ${version}`).sort();
}

/** Deep equality of tens of thousands of objects, told by the id of the first that differs. */
function expectSameObjects(found: readonly { readonly id: string }[], wanted: readonly StixObject[]): void {
  const byId = new Map(found.map((each) => [each.id, each]));
  expect(wanted.filter((each) => !isDeepStrictEqual(byId.get(each.id), each)).map(({ id }) => id)).toEqual(
    [],
  );
  expect(found).toHaveLength(wanted.length);
}

/** Without the advice that ids be random (103) and URLs come with hashes (302): ours are the same every time, and of web pages. */
async function validate(objects: readonly object[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "taxii-stix-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "bundle.json");
  const id = "bundle--5d0092c5-5f74-4287-9642-33f4c354e56d";
  await writeFile(file, JSON.stringify({ type: "bundle", id, objects }));
  const args = ["--version", "2.1", "--strict", "--disable", "103,302", file];
  return promisify(execFile)(validator ?? "", args, { maxBuffer: 1 << 26 }).then(
    ({ stdout }) => stdout,
    ({ stdout }: { stdout: string }) => stdout,
  );
}

const requests = 10_000;
const longestMs = 2_000;

test(`${requests} hostile requests to a server of ${data} are answered or refused, read nothing else, and take no time`, {
  timeout: 600_000,
}, async () => {
  const { tally, faults, outside, slowest } = await sendFuzz(demo.options, await readValues(), requests);
  expect(faults).toEqual([]);
  expect(outside).toEqual([]);
  expect(slowest.ms, slowest.url).toBeLessThan(longestMs);
  // All kinds of requests are among them.
  for (const status of [200, 400, 404]) {
    expect(tally[status]).toBeGreaterThan(requests / 20);
  }
});

const storedNames = z.object({ enriched: z.object({ name: z.string(), attack_id: z.string() }) });
const storedIoc = z.object({
  enriched: z.object({ malware: z.string(), indicator: z.object({ value: z.string() }) }),
});

/** Ids and names of ATT&CK, and IOCs with their families. */
async function readValues(): Promise<StoredValues> {
  const { reader } = demo.store;
  const values: string[] = [];
  const named = { "enriched.attack_id": { $gt: "" }, removed_at: null };
  let seen = 0;
  for await (const document of reader.find("objects", named, { sort: { _id: 1 } })) {
    seen += 1;
    const { data } = storedNames.safeParse(document);
    if (data !== undefined && seen % 25 === 0) {
      values.push(
        data.enriched.attack_id,
        data.enriched.name,
        storedDocument.parse(document).data.objects[0].id,
      );
    }
  }
  for await (const document of reader.find(iocCollection, {}, { sort: { _id: 1 }, limit: 100 })) {
    const { data } = storedIoc.safeParse(document);
    values.push(...(data === undefined ? [] : [data.enriched.malware, data.enriched.indicator.value]));
  }
  const [first = expect.fail("nothing is stored"), ...others] = values;
  return { values: [first, ...others] };
}
