import { expect, test } from "vitest";
import { z } from "zod";
import { askDemo, findDemoFaults } from "./ask-demo.js";
import { configureConnector } from "./configure-connector.js";
import type { StoreReader } from "./connector.js";
import { defineConnector } from "./define-connector.js";
import type { Demo, DemoQuestion } from "./demo.js";

const question: DemoQuestion = {
  question: "Newest first",
  step: "iocs",
  filter: { "enriched.kind": /^c2/, removed_at: null },
  sort: { "enriched.seen": -1 },
  columns: { indicator: "enriched.value", tags: "data.tags.name" },
};

function connectorOf(questions: readonly DemoQuestion[]) {
  const demo: Demo = { answer: () => new Response(), settings: () => ({}), questions };
  return defineConnector({
    name: "acme",
    summary: "a test",
    config: z.object({ IOCS: z.string() }),
    demo,
    steps: ({ step }) => [
      step({
        name: "iocs",
        summary: "a test",
        collection: { setting: "IOCS" },
        record: z.unknown(),
        async *extract() {},
        transform: () => [],
      }),
      step({
        name: "marks",
        summary: "a test",
        sharesCollectionsOf: ["iocs"],
        record: z.unknown(),
        async *extract() {},
        transform: () => [],
      }),
    ],
  });
}

/** A database that answers everything with these documents, and what it was asked. */
function readerOf(documents: readonly Readonly<Record<string, unknown>>[]) {
  const asked: unknown[] = [];
  const reader: StoreReader = {
    async *find(...query) {
      asked.push(query);
      yield* documents.slice(0, query[2]?.limit);
    },
    count: async () => documents.length,
    exists: async () => documents.length > 0,
  };
  return { reader, asked };
}

function ask(asked: DemoQuestion, documents: readonly Readonly<Record<string, unknown>>[]) {
  const connector = connectorOf([asked]);
  const { reader, ...rest } = readerOf(documents);
  const answers = askDemo(connector, configureConnector(connector, { IOCS: "my_iocs" }), reader);
  return { answers, ...rest };
}

test("a question is asked of its step's collection, with filter and sort as they are", async () => {
  const { answers, asked } = ask(question, [
    { enriched: { value: "a.example" }, data: { tags: [{ name: "x" }, {}, { name: "y" }] } },
    { enriched: {}, data: { tags: null } },
  ]);
  expect(await answers).toEqual([
    {
      question: "Newest first",
      collection: "my_iocs",
      filter: question.filter,
      sort: question.sort,
      limit: 10,
      columns: question.columns,
      rows: [
        ["a.example", ["x", "y"]],
        [undefined, undefined],
      ],
    },
  ]);
  expect(asked).toEqual([
    ["my_iocs", question.filter, { projection: { enriched: 1, data: 1 }, limit: 10, sort: question.sort }],
  ]);
});

test("a number in a path picks an element of a list", async () => {
  const { answers } = ask({ ...question, columns: { first: "data.0.id", whole: "data" } }, [
    { data: [{ id: 1 }] },
  ]);
  expect((await answers)[0]?.rows).toEqual([[1, [{ id: 1 }]]]);
});

test.each([
  [undefined, 10],
  [3, 3],
])("with limit %s no more than %d documents are read", async (limit, most) => {
  const documents = Array.from({ length: 30 }, () => ({ enriched: { value: 1 } }));
  const { answers } = ask({ ...question, ...(limit && { limit }) }, documents);
  expect((await answers)[0]?.rows).toHaveLength(most);
});

test("reports a question that finds nothing, and a column that does not exist", async () => {
  const faults = async (documents: readonly Readonly<Record<string, unknown>>[]) =>
    findDemoFaults(await ask(question, documents).answers);
  expect(await faults([])).toEqual([
    '"Newest first" finds no document in my_iocs: check its filter, and the data of the demo',
  ]);
  expect(await faults([{ enriched: { value: null } }, { data: { tags: [{ nom: "x" }] } }])).toEqual([
    '"Newest first" has the column "tags", but no document that it finds has the field data.tags.name',
  ]);
  expect(await faults([{ enriched: { value: null }, data: { tags: [{ name: "x" }] } }, {}])).toEqual([]);
});

test.each(["ioc", "marks"])("a connector whose demo asks the step %s does not come to be", (step) => {
  expect(() => connectorOf([question, { ...question, step }])).toThrow(
    `the demo of the connector acme asks the step ${step} for "Newest first", which is not a step with a collection: ask one of iocs`,
  );
});
