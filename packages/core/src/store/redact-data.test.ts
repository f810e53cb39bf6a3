import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { z } from "zod";
import { configureConnector } from "../connector/configure-connector.js";
import type { LoadDocument } from "../connector/connector.js";
import { defineConnector, stepFor } from "../connector/define-connector.js";
import { prepareWithText } from "../documents/prepare-document.js";
import { parseJson } from "../json/parse-json.js";
import { createLogger } from "../log/create-logger.js";
import { runConnectors } from "../run/run-connectors.js";
import { isDistinctive } from "../secrets/secret-matcher.js";
import { describeOnMongo } from "../testing/mongo-servers.js";
import { createDataRedactor } from "./redact-data.js";

// Thousands of random secrets.
vi.setConfig({ testTimeout: 120_000 });

test.each([
  ["1", false],
  ["true", false],
  ["ics", false],
  ["attack", false],
  ["password", false],
  ["enterprise-attack", false],
  ["2026-11-27", false],
  ["123456789", false],
  ["T1003", false],
  ["hunter2hunter2", true],
  ["p@ss-word!", true],
  ["correct horse battery staple", true],
  ["0123456789abcdef0123456789abcdef0123456789abcdef", true],
])("whether %s is looked for in documents: %s", (secret, expected) => {
  expect(isDistinctive(secret)).toBe(expected);
  const text = `a ${secret} b`;
  expect(createDataRedactor([secret]).text(text)).toBe(expected ? "a [redacted] b" : text);
});

const secret = "it's-a ~tök3n/";
const spellings = [
  secret,
  encodeURIComponent(secret).replaceAll("'", "%27"),
  String.raw`it's-a ~t\u00f6k3n\/`,
];

const sourceConfig = z.object({
  SOURCE_KEY: z.string().meta({ secret: true }),
  SOURCE_PASSWORD: z.string().meta({ secret: true }).optional(),
});

const things = (onTransform: (record: unknown) => void = () => {}) =>
  stepFor({ config: sourceConfig })({
    name: "things",
    summary: "",
    collection: "things",
    record: z.object({ id: z.string(), note: z.unknown() }),
    checkpoint: z.object({ next: z.string() }),
    async *extract() {
      const records = spellings.map((spelling, index) => ({
        id: `a${index}`,
        note: { [spelling]: [spelling] },
      }));
      const odd = { id: 5, note: secret };
      yield {
        records: [...records, { id: `b ${secret}`, note: 1 }, odd],
        checkpoint: { next: `page-${secret}` },
        listings: [
          {
            collection: "things",
            scope: {},
            listed: new Set(["a0", "a1", "a2", `b ${secret}`]),
            isSuperseded: () => false,
          },
        ],
      };
    },
    transform(record): LoadDocument[] {
      onTransform(record);
      const note = JSON.stringify(record.note);
      return [
        {
          collection: "things",
          _id: record.id,
          data: { id: record.id, note: JSON.parse(note) },
          enriched: { length: note.length, at: new Date(0), upper: note.toUpperCase(), list: [note, null] },
        },
      ];
    },
  });

function connectors(onTransform?: (record: unknown) => void) {
  const definition = defineConnector({
    name: "source",
    summary: "",
    config: sourceConfig,
    steps: [things(onTransform)],
  });
  return [configureConnector(definition, { SOURCE_KEY: secret, SOURCE_PASSWORD: "attack" })];
}

describeOnMongo("what an upstream sends back of a secret", (database) => {
  const run = (log = createLogger({ level: "silent" }), onTransform?: (record: unknown) => void) =>
    runConnectors({ connectors: connectors(onTransform), store: database().store, log });

  test("is in no document, checkpoint or quarantine, in values and in names of fields", async () => {
    const report = await run();
    expect(report.connectors[0]?.steps[0]).toMatchObject({ inserted: 4, rejected: 1, withdrawn: 0 });
    const dump = await database().dump();
    for (const part of ["tök3n", "k3n", "T\u00d6K", "00f6", "%C3%B6"]) {
      expect(dump, part).not.toContain(part);
    }
    expect(await database().all("things")).toMatchObject([
      { _id: "a0", data: { note: { "[redacted]": ["[redacted]"] } }, enriched: { at: new Date(0) } },
      { _id: "a1", data: { note: { "[redacted]": ["[redacted]"] } } },
      { _id: "a2", data: { note: { "[redacted]": ["[redacted]"] } } },
      { _id: "b [redacted]" },
    ]);
    expect(await database().all("etl_rejected")).toMatchObject([{ raw: '{"id":5,"note":"[redacted]"}' }]);
    expect(await database().store.database.collection("etl_state").findOne({ step: "things" })).toMatchObject(
      {
        value: '{"next":"page-[redacted]"}',
      },
    );
  });

  test("becomes the same text in every run, so that nothing changes and nothing is withdrawn", async () => {
    await run();
    const report = await run();
    expect(report.connectors[0]?.steps[0]).toMatchObject({
      inserted: 0,
      updated: 0,
      unchanged: 4,
      withdrawn: 0,
    });
  });

  test("also where only the program knows it", async () => {
    const [connector] = connectors();
    await runConnectors({
      connectors: connector === undefined ? [] : [{ ...connector, secrets: [] }],
      store: database().store,
      log: createLogger({ level: "silent" }),
      secrets: [secret],
    });
    expect(await database().dump()).not.toContain("k3n");
  });

  test("is warned about where it cannot be told from data", async () => {
    const lines: string[] = [];
    await run(createLogger({ destination: { write: (line) => lines.push(line) } }));
    expect(lines.filter((line) => line.includes("too common"))).toEqual([
      expect.stringContaining("SOURCE_PASSWORD is too short or too common"),
    ]);
    expect(lines.join("")).not.toContain("SOURCE_KEY");
  });
});

describeOnMongo(
  "a secret that an upstream sends back as the name of a field that is kept as text",
  (database) => {
    test("is in no document and no record in quarantine", async () => {
      const { store } = database();
      const records = ["a", 5].map((id) => parseJson(`{"id":${JSON.stringify(id)},"${secret}":{"n":1e999}}`));
      const config = z.object({ SOURCE_KEY: z.string().meta({ secret: true }) });
      const step = stepFor({ config })({
        name: "things",
        summary: "",
        collection: "things",
        record: z.looseObject({ id: z.string() }),
        async *extract() {
          yield { records };
        },
        transform: (record) => [
          { collection: "things", _id: record.id, data: JSON.parse(JSON.stringify(record)), enriched: {} },
        ],
      });
      const definition = defineConnector({ name: "source", summary: "", config, steps: [step] });
      const connectors = [configureConnector(definition, { SOURCE_KEY: secret })];
      await runConnectors({ connectors, store, log: createLogger({ level: "silent" }) });
      expect(await database().dump()).not.toContain("k3n");
      const altered = [expect.stringMatching(/^\[redacted\]\.n: a number kept as text/)];
      expect(await database().all("things")).toMatchObject([
        { data: { "[redacted]": { n: "1e999" } }, altered },
      ]);
      expect(await database().all("etl_rejected")).toMatchObject([{ altered }]);
    });
  },
);

test("looks for what is stored by its name without the secret", async () => {
  const asked: unknown[] = [];
  const reader = createDataRedactor([secret]).reader({
    async *find(...query) {
      yield { place: asked.push(query) };
    },
    count: async (...query) => asked.push(query),
    exists: async (...query) => asked.push(query) > 0,
  });
  const filter = { _id: `b ${secret}` };
  await reader.find("things", filter, { limit: 1 })[Symbol.asyncIterator]().next();
  await reader.count("things", filter, { limit: 2 });
  await reader.exists("things", filter);
  const clean = { _id: "b [redacted]" };
  expect(asked).toEqual([
    ["things", clean, { limit: 1 }],
    ["things", clean, { limit: 2 }],
    ["things", clean],
  ]);
});

test("leaves what holds no secret as it is", () => {
  const redactor = createDataRedactor([secret]);
  const record = { a: [1, { b: "attack" }] };
  expect(redactor.record(record)).toBe(record);
  expect(createDataRedactor(["attack"]).record(record)).toBe(record);
});

test("finds in data whatever it finds in a message", () => {
  const spell = fc.constantFrom<(value: string) => string>(
    (value) => value,
    (value) => value.toUpperCase(),
    (value) => JSON.stringify(JSON.stringify(value)).slice(3, -3),
    (value) => JSON.stringify(value).slice(1, -1).replaceAll("/", String.raw`\/`),
    (value) => new URLSearchParams({ s: value }).toString().slice(2),
    (value) => Buffer.from(value).toString("hex").replaceAll(/../g, "%$&"),
    (value) => [...value].map((sign) => `&#${sign.codePointAt(0)};`).join(""),
    (value) => `${Buffer.from(`user:${value}:more`).toString("base64")}`,
  );
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z]\d[ -~]{8,20}$/), spell, fc.string(), (value, spelling, around) => {
      const redactor = createDataRedactor([value]);
      const text = around + spelling(value) + around;
      fc.pre(redactor.text(text) !== text);
      expect(redactor.record({ text: [text] })).toEqual({ text: [redactor.text(text)] });
    }),
    { seed: 20_261_127, numRuns: 2_000 },
  );
});

test("documents that are prepared are those that are not, whatever holds a secret", () => {
  const value = 'k3y-"of\\Ours/2026';
  const redactor = createDataRedactor([value]);
  const text = fc.oneof(fc.string(), fc.constantFrom(value, `a ${value}`, encodeURIComponent(value), "é\n"));
  const part = fc.letrec((tie) => ({
    part: fc.oneof(
      { maxDepth: 3 },
      text,
      fc.double({ noDefaultInfinity: true, noNaN: true }),
      fc.array(tie("part")),
      fc.dictionary(text, tie("part")),
    ),
  })).part;
  const record = fc.record({ id: text, field: part, other: part });
  fc.assert(
    fc.property(record, fc.boolean(), (received, isDeep) => {
      const process = (raw: unknown) => documentsOf(raw, isDeep ? 150 : 0);
      expect(redactor.prepared(received, process, prepareWithText).map(({ document }) => document)).toEqual(
        redactor.documents(received, process),
      );
    }),
    { seed: 20_261_128, numRuns: 1_000 },
  );
});

const received = z.object({ id: z.string(), field: z.json(), other: z.json() });

/** Two, of which one cannot be stored if it is deep. */
function documentsOf(raw: unknown, depth: number): LoadDocument[] {
  const { id, field, other } = received.parse(raw);
  const deep: unknown = JSON.parse(`${"[".repeat(depth)}0${"]".repeat(depth)}`);
  return [
    { collection: "things", _id: id, data: raw, enriched: { other, at: new Date(0) } },
    { collection: "things", _id: `${id}/1`, data: { deep }, enriched: { field } },
  ];
}
