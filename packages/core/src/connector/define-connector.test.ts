import { resolve } from "node:path";
import { expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { configureConnector } from "./configure-connector.js";
import {
  type ExtractedPage,
  OptionError,
  type RunOption,
  type Step,
  type StepDocument,
} from "./connector.js";
import { defineConnector, stepFor } from "./define-connector.js";
import type { AnsweredDemo } from "./demo.js";

const config = z.object({ DAYS: z.number() });
type Config = z.output<typeof config>;

/** Says in its reason to be skipped with which settings it would run. */
function connectorWith(options: Readonly<Record<string, RunOption<Config>>>) {
  return defineConnector({
    name: "acme",
    summary: "a test",
    config,
    options,
    skipReason: (settings) => JSON.stringify(settings),
    steps: [],
  });
}

const days: RunOption<Config> = {
  value: "<days>",
  summary: "a test",
  apply(settings, value) {
    if (!Number(value)) {
      throw new OptionError("must be a number of days");
    }
    return { ...settings, DAYS: Number(value) };
  },
};

test("an option makes the settings of the run, and those of other connectors do nothing", () => {
  const run = (options: Readonly<Record<string, string | true>>) =>
    configureConnector(connectorWith({ days }), { DAYS: 1 }, options).skipReason;
  expect(run({})).toBe('{"DAYS":1}');
  expect(run({ days: "7", sample: true, constructor: "x" })).toBe('{"DAYS":7}');
});

test("an option that cannot be used is named", () => {
  const configure = () => configureConnector(connectorWith({ days }), { DAYS: 1 }, { days: "soon" });
  expect(configure).toThrow(OptionError);
  expect(configure).toThrow("--days must be a number of days");
});

test("an option with several values gets them in their order", () => {
  const most: RunOption<Config> = {
    values: "<days...>",
    summary: "a test",
    apply: (settings, values) => ({ ...settings, DAYS: Math.max(...values.map(Number)) }),
  };
  const run = (value: string | true | readonly string[]) =>
    configureConnector(connectorWith({ most }), { DAYS: 1 }, { most: value }).skipReason;
  expect(run(["3", "7"])).toBe('{"DAYS":7}');
  expect(run("3")).toBe('{"DAYS":3}');
  expect(() => run(true)).toThrow("--most must be followed by a value");
  expect(() => run([])).toThrow("--most must be followed by a value");
  const single = () => configureConnector(connectorWith({ days }), { DAYS: 1 }, { days: ["1", "2"] });
  expect(single).toThrow("--days takes one value");
});

test("a path counts from the current folder where the program does not say otherwise", () => {
  let path: string | undefined;
  const file: RunOption<Config> = {
    value: "<file>",
    summary: "a test",
    apply(settings, value, { resolvePath }) {
      path = resolvePath(String(value));
      return settings;
    },
  };
  configureConnector(connectorWith({ file }), { DAYS: 1 }, { file: "a.json" });
  expect(path).toBe(resolve("a.json"));
});

test.each(["noDays", "Days", "no-days", "-days", "days_back", "d", ""])(
  "an option named %j is no flag of a command line, and refused by its name",
  (name) => {
    expect(() => connectorWith({ [name]: days })).toThrow(`the connector acme has an option named ${name}:`);
  },
);

test("words with - between them are a name", () => {
  expect(() => connectorWith({ "days-back": days })).not.toThrow();
});

const thingsConfig = z.object({ THINGS: z.string().default("my_things"), SIZE: z.number().default(3) });
type ThingsConfig = z.output<typeof thingsConfig>;
const basics = { name: "source", summary: "", config: thingsConfig } as const;

/** A step that yields nothing. */
function stepOf(
  name: string,
  changes: Partial<Omit<Step<ThingsConfig>, "name" | "extract" | "process" | "collection">> & {
    readonly collection?: string;
    readonly transform?: (id: string) => StepDocument;
  } = {},
) {
  return stepFor({ config: thingsConfig })({
    name,
    summary: "",
    record: z.string(),
    async *extract() {},
    transform: (id) => ({ _id: id }),
    ...changes,
  });
}

function configure(steps: readonly Step<ThingsConfig>[]) {
  return configureConnector(defineConnector({ ...basics, steps }), thingsConfig.parse({}));
}

test("two steps of one name are refused", () => {
  expect(() => configure([stepOf("a"), stepOf("b"), stepOf("a")])).toThrow(
    "two steps of the connector source are named a: each needs a name of its own",
  );
});

test("steps that return nothing are refused", () => {
  const steps = () => {};
  expect(() =>
    defineConnector({
      ...basics,
      // @ts-expect-error: no list
      steps,
    }),
  ).toThrow(
    "steps of the connector source must return the list of its steps, as in ({ step }) => [step({ … })]",
  );
});

test.each([
  [[stepOf("a", { collection: "as" }), stepOf("b")], "ask one of a"],
  [[], "the connector has none"],
])("a question of the demo asks a step with a collection", (steps, advice) => {
  const demo: AnsweredDemo = {
    answer: () => new Response(),
    settings: () => ({}),
    questions: [{ question: "All", step: "b", filter: {}, columns: { id: "_id" } }],
  };
  expect(() => defineConnector({ ...basics, demo, steps })).toThrow(
    `the demo of the connector source asks the step b for "All", which is not a step with a collection: ${advice}`,
  );
});

test.each(["help", "no-sample", "dryRun", "x"])("an option cannot be called %s", (name) => {
  const options = { [name]: { summary: "", apply: (settings: z.output<typeof thingsConfig>) => settings } };
  expect(() => defineConnector({ ...basics, options, steps: [] })).toThrow(
    `the connector source has an option named ${name}: use lower-case letters`,
  );
});

test.each(["needs", "sharesCollectionsOf"] as const)("%s names another step of the connector", (field) => {
  const known = [stepOf("a", { collection: "as" }), stepOf("b", { [field]: ["a"] })];
  expect(configure(known).steps).toHaveLength(2);
  expect(() => configure([stepOf("a"), stepOf("b", { [field]: ["c"] })])).toThrow(
    "the step b of the connector source names c, which is not another step of it: it has a, b",
  );
  expect(() => configure([stepOf("a", { [field]: ["a"] })])).toThrow("names a, which is not another step");
});

test("restore needs a collection of the step, and a version that can be compared", () => {
  const restore = (version: number) => ({ version, record: ({ data }: { data: unknown }) => data });
  const [step] = configure([stepOf("a", { collection: "as", restore: restore(2) })]).steps;
  expect(step?.restore?.version).toBe(2);
  expect(() => configure([stepOf("a", { restore: restore(1) })])).toThrow(
    "the step a of the connector source declares restore, but has no collection of its own",
  );
  for (const version of [0, 1.5, Number.NaN]) {
    expect(() => configure([stepOf("a", { collection: "as", restore: restore(version) })])).toThrow(
      `restore.version of the step a of the connector source must be a whole number from 1, but it is ${version}`,
    );
  }
});

test("a document goes to the step's collection, or to one that it shares", () => {
  const documentIn = (collection?: string) => () => ({ _id: "1", ...(collection && { collection }) });
  const collectionOf = (collection?: string) =>
    configure([
      stepOf("others", { collection: "others" }),
      stepOf("things", {
        collection: "things",
        sharesCollectionsOf: ["others"],
        transform: documentIn(collection),
      }),
    ]).steps[1]?.process("1")[0]?.collection;
  expect(collectionOf()).toBe("things");
  expect(collectionOf("others")).toBe("others");
  expect(() => collectionOf("elsewhere")).toThrow(
    "transform returned a document for the collection elsewhere, but the step loads into things, others",
  );
});

test("a step without a collection of its own has to name one", () => {
  const steps = [
    stepOf("things", { collection: "things" }),
    stepOf("marks", { sharesCollectionsOf: ["things"] }),
  ];
  expect(() => configure(steps).steps[1]?.process("1")).toThrow(
    "transform returned a document without a collection, but the step loads into things",
  );
});

test("the data of a document is the record as received, whatever the schema leaves out or changes", () => {
  const step = stepFor({ config: thingsConfig })({
    name: "things",
    summary: "",
    collection: { setting: "THINGS" },
    record: z.object({ id: z.coerce.string(), at: z.coerce.date(), kind: z.string().default("none") }),
    async *extract() {},
    transform: ({ id, at, kind }) => ({ _id: id, enriched: { at, kind } }),
  });
  const raw = { id: 7, at: "2026-11-01", extra: { a: [null] } };
  expect(configure([step]).steps[0]?.process(raw)).toEqual([
    {
      collection: "my_things",
      _id: "7",
      data: { id: 7, at: "2026-11-01", extra: { a: [null] } },
      enriched: { at: new Date("2026-11-01"), kind: "none" },
    },
  ]);
});

test.each([null, 0, ""])("a transform that makes its data %j gets that, not the record", (data) => {
  const step = stepOf("things", { collection: "things", transform: (id) => ({ _id: id, data }) });
  expect(configure([step]).steps[0]?.process("1")[0]?.data).toBe(data);
});

test.each([
  ["nothing", undefined],
  ["no _id", {}],
  ["null as _id", { _id: null }],
  ["a number as _id", { _id: 7 }],
  ["a promise", Promise.resolve({ _id: "1" })],
])("a transform that makes %s is refused", (_what, made) => {
  const step = stepFor({ config: thingsConfig })({
    name: "things",
    summary: "",
    collection: "things",
    record: z.any(),
    async *extract() {},
    transform: ({ made }) => made,
  });
  expect(() => configure([step]).steps[0]?.process({ made })).toThrow(
    "transform returned a document whose _id is not a string: convert numbers to strings",
  );
});

test("settings, checkpoint, session and record have their types without a word about them", () => {
  const connector = {
    ...basics,
    open: () => ({ token: 7 }),
  };
  const page = { records: [], checkpoint: { page: 1 } };
  defineConnector({
    ...connector,
    steps: ({ step }) => [
      step({
        name: "things",
        summary: "",
        collection: { setting: "THINGS" },
        indexes: ({ SIZE }) => [{ [`n${SIZE.toFixed()}`]: 1 }],
        record: z.object({ n: z.number() }),
        checkpoint: z.object({ page: z.number() }),
        async *extract({ config: { SIZE }, checkpoint, session }) {
          expectTypeOf(SIZE).toEqualTypeOf<number>();
          expectTypeOf(checkpoint).toEqualTypeOf<{ page: number } | undefined>();
          expectTypeOf(await session()).toEqualTypeOf<{ token: number }>();
          yield page;
        },
        transform({ n }, { config: { THINGS } }) {
          expectTypeOf(n).toEqualTypeOf<number>();
          expectTypeOf(THINGS).toEqualTypeOf<string>();
          return { _id: THINGS };
        },
      }),
    ],
  });
  stepFor(connector)({
    name: "elsewhere",
    summary: "",
    record: z.string(),
    checkpoint: z.number(),
    async *extract({ config: { THINGS }, checkpoint, session }) {
      expectTypeOf(THINGS).toEqualTypeOf<string>();
      expectTypeOf(checkpoint).toEqualTypeOf<number | undefined>();
      expectTypeOf(await session()).toEqualTypeOf<{ token: number }>();
      yield { checkpointOnly: 1 };
    },
    transform: (id) => ({ _id: id.toUpperCase() }),
  });
});

test("fields of a checkpoint may be optional", () => {
  const since: string | undefined = undefined;
  const step = stepFor({ config: thingsConfig })({
    name: "things",
    summary: "",
    collection: "things",
    record: z.string(),
    checkpoint: z.object({ since: z.string().optional(), walk: z.object({ page: z.number().optional() }) }),
    async *extract({ checkpoint }) {
      yield { records: [], checkpoint: { since: checkpoint?.since ?? since, walk: {} } };
    },
    transform: (id) => ({ _id: id }),
  });
  expect(configure([step]).steps).toHaveLength(1);
});

test("the compiler refuses what does not fit", () => {
  const step = stepFor({ config: thingsConfig });
  const rest = { name: "a", summary: "", record: z.string(), transform: (id: string) => ({ _id: id }) };
  step({
    ...rest,
    // @ts-expect-error: no setting that holds a text
    collection: { setting: "SIZE" },
    async *extract() {},
  });
  step({
    ...rest,
    // @ts-expect-error: no setting at all
    collection: { setting: "OTHERS" },
    async *extract() {},
  });
  step({
    ...rest,
    checkpoint: z.number(),
    // @ts-expect-error: another checkpoint than the schema's
    async *extract() {
      yield { records: [], checkpoint: "one" };
    },
  });
  // @ts-expect-error: a page that only moves the checkpoint brings nothing
  const page: ExtractedPage<number> = { records: [], checkpointOnly: 1 };
  expect(page).toBeDefined();
});
