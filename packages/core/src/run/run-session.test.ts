import { expect, test } from "vitest";
import { z } from "zod";
import { configureConnector } from "../connector/configure-connector.js";
import type { ConnectorDefinition, Step } from "../connector/connector.js";
import { defineConnector, stepFor } from "../connector/define-connector.js";
import { createLogger } from "../log/create-logger.js";
import { describeOnMongo, type TestDatabase } from "../testing/mongo-servers.js";
import { type RunConnectorsOptions, runConnectors } from "./run-connectors.js";

const config = z.object({ SOURCE_NAME: z.string().default("the source") });
type Config = z.output<typeof config>;

/** What the steps of this connector share. */
class Counter {
  private count = 0;

  constructor(readonly opened: number) {}

  next(): number {
    this.count += 1;
    return this.count;
  }
}

const silent = createLogger({ level: "silent" });

const stepBasics = {
  summary: "",
  record: z.string(),
  transform: (id: string) => ({ _id: id }),
};

const countingStep = stepFor({ config, open: () => new Counter(0) });
const plainStep = stepFor({ config });

/** Stores which opening it has seen, and what the session counts. */
function counts(name: string, needs: readonly string[] = []) {
  return countingStep({
    ...stepBasics,
    name,
    collection: name,
    needs,
    async *extract({ session }) {
      const first = await session();
      const again = await session();
      yield { records: [`${name} ${first.opened}: ${first.next()} ${again.next()}`] };
    },
  });
}

function ignoresSession(name: string, onPage: () => void = () => {}) {
  return plainStep({
    ...stepBasics,
    name,
    collection: name,
    needs: [],
    async *extract() {
      yield { records: [name] };
      onPage();
      yield { records: [`${name} again`] };
    },
  });
}

/** A connector whose `calls` say what was opened and closed. */
function openedBy(
  steps: readonly Step<Config, Counter>[],
  changes: Partial<ConnectorDefinition<typeof config, Counter>> = {},
) {
  const calls: string[] = [];
  const connector = defineConnector<typeof config, Counter>({
    name: "source",
    summary: "",
    config,
    open() {
      calls.push("open");
      return new Counter(calls.length);
    },
    close: ({ opened }) => {
      calls.push(`close ${opened}`);
    },
    ...changes,
    steps,
  });
  return { calls, connector: configureConnector(connector, config.parse({})) };
}

async function run(
  { store }: TestDatabase,
  connector: RunConnectorsOptions["connectors"][number],
  options: Partial<RunConnectorsOptions> = {},
) {
  const report = await runConnectors({
    connectors: [connector],
    store,
    log: silent,
    graceMs: 60_000,
    ...options,
  });
  return report.connectors[0];
}

async function idsIn(database: TestDatabase, collection: string) {
  return (await database.all(collection)).map(({ _id }) => _id);
}

describeOnMongo("the session of a run", (database) => {
  test("is opened once, for the first step that asks, and closed at the end", async () => {
    const steps = [
      ignoresSession("first", () => expect(calls).toEqual([])),
      counts("second"),
      counts("third"),
      ignoresSession("last", () => expect(calls).toEqual(["open"])),
    ];
    const { calls, connector } = openedBy(steps);
    expect(await run(database(), connector)).toMatchObject({ status: "ok" });
    expect(calls).toEqual(["open", "close 1"]);
    expect(await idsIn(database(), "second")).toEqual(["second 1: 1 2"]);
    expect(await idsIn(database(), "third")).toEqual(["third 1: 3 4"]);
    await run(database(), connector);
    expect(calls).toEqual(["open", "close 1", "open", "close 3"]);
  });

  test("is neither opened nor closed where no step asks", async () => {
    const { calls, connector } = openedBy([ignoresSession("alone")]);
    expect(await run(database(), connector)).toMatchObject({ status: "ok" });
    expect(calls).toEqual([]);
  });

  test("is opened with what a step gets, too", async () => {
    await database().store.database.collection<{ _id: string }>("known").insertOne({ _id: "a" });
    let opened: unknown;
    const { connector } = openedBy([counts("only")], {
      async open({ config: { SOURCE_NAME }, http, store, signal, now }) {
        opened = [SOURCE_NAME, typeof http.request, await store.count("known", {}), signal.aborted, now()];
        return new Counter(1);
      },
    });
    const at = new Date("2026-01-02T03:04:05Z");
    expect(await run(database(), connector, { now: () => at })).toMatchObject({ status: "ok" });
    expect(opened).toEqual(["the source", "function", 1, false, at]);
  });

  test("fails the step that asks where it cannot be opened, and is opened again for the next one", async () => {
    let attempts = 0;
    const { calls, connector } = openedBy(
      [counts("first"), counts("second"), counts("left-out", ["first"])],
      {
        async open() {
          attempts += 1;
          if (attempts === 1) {
            throw new Error("there is no server");
          }
          return new Counter(attempts);
        },
      },
    );
    expect(await run(database(), connector)).toMatchObject({
      status: "failed",
      reason: "first: there is no server",
    });
    expect(await idsIn(database(), "second")).toEqual(["second 2: 1 2"]);
    expect(calls).toEqual(["close 2"]);
  });

  test("is closed where a step fails, and where a fault ends the run", async () => {
    const fails = countingStep({
      ...stepBasics,
      name: "fails",
      collection: "fails",
      async *extract({ session, http }) {
        await session();
        await http.request("http://127.0.0.1:9/");
        yield { records: [] };
      },
    });
    const { calls, connector } = openedBy([fails, counts("never")]);
    expect(await run(database(), connector, { http: { retries: 0 } })).toMatchObject({
      status: "failed",
      steps: [{ name: "fails" }],
    });
    expect(calls).toEqual(["open", "close 1"]);
  });

  test("is closed where the run is interrupted", async () => {
    const interruption = new AbortController();
    const { calls, connector } = openedBy([
      counts("first"),
      ignoresSession("second", () => interruption.abort()),
      counts("third"),
    ]);
    expect(await run(database(), connector, { signal: interruption.signal })).toMatchObject({
      status: "interrupted",
      steps: [{ name: "first" }, { name: "second" }],
    });
    expect(calls).toEqual(["open", "close 1"]);
  });

  test("leaves the outcome as it is where it cannot be closed", async () => {
    const lines: string[] = [];
    const log = createLogger({ level: "warn", destination: { write: (line) => lines.push(line) } });
    const { connector } = openedBy([counts("only")], {
      close() {
        throw new Error("it is stuck");
      },
    });
    expect(await run(database(), connector, { log })).toMatchObject({ status: "ok" });
    expect(lines.join("")).toContain("it is stuck");
  });

  test("is missed by name where the connector opens none", async () => {
    const asks = plainStep({
      ...stepBasics,
      name: "asks",
      collection: "asks",
      async *extract({ session }) {
        await session();
        yield { records: [] };
      },
    });
    const connector = defineConnector({ name: "source", summary: "", config, steps: [asks] });
    expect(await run(database(), configureConnector(connector, config.parse({})))).toMatchObject({
      status: "failed",
      reason: "asks: a step of source asks for the session, but the connector has no open",
    });
  });
});

test("the session has the type that open returns", () => {
  const basics = { name: "source", summary: "", config };
  defineConnector({ ...basics, open: () => new Counter(1), steps: [counts("a"), ignoresSession("b")] });
  defineConnector({ ...basics, steps: [ignoresSession("b")] });
  // @ts-expect-error: the step wants a Counter
  defineConnector({ ...basics, open: () => "a text", steps: [counts("a")] });
  // @ts-expect-error: nothing opens one
  defineConnector({ ...basics, steps: [counts("a")] });
});
