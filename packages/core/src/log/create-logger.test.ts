import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { createLogger, type LoggerOptions } from "./create-logger.js";

// Hundreds of random values.
vi.setConfig({ testTimeout: 60_000 });

function logged(options: LoggerOptions, write: (log: ReturnType<typeof createLogger>) => void): string {
  let text = "";
  write(createLogger({ ...options, destination: { write: (line: string) => (text += line) } }));
  return text;
}

const json = (write: (log: ReturnType<typeof createLogger>) => void, options: LoggerOptions = {}) =>
  JSON.parse(logged({ format: "json", ...options }, write));

const failure = new Error("outer", { cause: Object.assign(new TypeError("inner"), { code: "EODD" }) });

describe("as JSON", () => {
  test("an event is one line with time, level and message", () => {
    const text = logged({ format: "json" }, (log) =>
      log.info({ collection: "objects", count: 3 }, "loading"),
    );
    expect(text.endsWith("}\n")).toBe(true);
    const { time, ...event } = JSON.parse(text);
    expect(new Date(time).toISOString()).toBe(time);
    expect(event).toEqual({ level: "info", msg: "loading", collection: "objects", count: 3 });
  });

  test("fields named like ours are kept beside them", () => {
    expect(json((log) => log.warn({ level: 9, time: 1, msg: "x" }, "y"))).toMatchObject({
      level: "warn",
      msg: "y",
      level_: 9,
      time_: 1,
      msg_: "x",
    });
  });

  test("an error has its causes, and no stack", () => {
    for (const event of [
      json((log) => log.error(failure)),
      json((log) => log.error({ err: failure }, "outer")),
    ]) {
      expect(event).toMatchObject({
        msg: "outer",
        err: {
          type: "Error",
          message: "outer",
          cause: { type: "TypeError", message: "inner", code: "EODD" },
        },
      });
      expect(JSON.stringify(event)).not.toContain("create-logger.test");
    }
    expect(json((log) => log.error({ reason: failure }, "x")).reason.message).toBe("outer");
  });

  test("at level debug an error has its stack", () => {
    expect(json((log) => log.error(failure), { level: "debug" }).err.stack).toContain("create-logger.test");
  });

  test("what cannot be written as JSON does no harm", () => {
    const circle: Record<string, unknown> = { big: 10n, nothing: undefined };
    circle.self = circle;
    expect(json((log) => log.info(circle, "x"))).toMatchObject({ msg: "x", big: 10 });
  });
});

describe("as text", () => {
  test("an event is one plain line", () => {
    const text = logged({}, (log) =>
      log.info({ collection: "objects", count: 3, why: "two words" }, "loading"),
    );
    expect(text).toMatch(
      /^\d{4}-\d\d-\d\dT[\d:.]+Z INFO {2}loading collection=objects count=3 why="two words"\n$/,
    );
  });

  test("an error is said once", () => {
    expect(logged({}, (log) => log.error(failure))).toMatch(
      / ERROR outer err="Error <- TypeError: inner"\n$/,
    );
  });

  test("what an upstream sent neither starts a line nor steers the terminal", () => {
    const text = logged({}, (log) => log.warn({ said: "a\n2026 ERROR\u001b[31m\u202e" }, "b\r\nc\u2028"));
    expect(text.trimEnd()).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}]/u);
  });

  test("a format character outside the basic plane is escaped whole", () => {
    expect(logged({}, (log) => log.warn({ said: "a\u{e0041}" }, "b\u{e0001}c"))).toMatch(
      / b\\udb40\\udc01c said="a\\udb40\\udc41"\n$/,
    );
  });

  test("less important events are left out", () => {
    expect(logged({ level: "warn" }, (log) => log.info("x"))).toBe("");
    expect(logged({ level: "silent" }, (log) => log.error("x"))).toBe("");
  });
});

describe.each(["json", "text"] as const)("no secret is written (%s)", (format) => {
  test("in a message, a field, a name, an error or its cause", () => {
    // No word of a path: stacks name the folder that this repository lies in.
    const secret = 'q9Zk"W7v/x';
    const text = logged({ format, secrets: [secret, "31415926"], level: "debug" }, (log) => {
      log.error({ deep: { list: [secret], [secret]: 1 }, number: 31415926 }, `key ${secret}`);
      log.error(new Error(`outer ${secret}`, { cause: new Error(encodeURIComponent(secret)) }));
      log.info({ headers: { "Auth-Key": "q8Ym3", Accept: "a/b" } }, "mongodb://u:pw@h/");
    });
    expect(text).not.toMatch(/q9Zk|W7v|31415926|q8Ym3|pw@/);
    expect(text).toContain("a/b");
  });

  test("whatever it is and wherever it stands", () => {
    const secret = fc.string({ minLength: 12, maxLength: 30 }).filter((value) => !/^[\s\w.:-]*$/.test(value));
    fc.assert(
      fc.property(secret, fc.string(), fc.jsonValue(), (value, around, other) => {
        const text = logged({ format, secrets: [value] }, (log) =>
          log.info({ a: around + value, b: [{ [value + around]: value }], other }, value + around),
        );
        expect(text).not.toContain(value);
        expect(text).not.toContain(JSON.stringify(value).slice(1, -1));
        expect(text.match(/\n/g)).toHaveLength(1);
        expect(format === "text" || JSON.parse(text).level === "info").toBe(true);
      }),
      { seed: 20_261_126 },
    );
  });
});
