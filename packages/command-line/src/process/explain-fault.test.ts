import { ConfigError, createRedactor } from "@cti-connectors/core/host";
import { expect, test } from "vitest";
import { exitStatus, UsageError } from "./exit-status.js";
import { explainFault } from "./explain-fault.js";

const redact = createRedactor(["s3cr3t-key"]);
const quiet = { debug: false };

test("wrong settings are reported all at once, and are the person's to mend", () => {
  const error = new ConfigError([
    { variable: "QUERY_DAYS", message: "must be 1 to 7" },
    { variable: "DB_NAME", message: "must have no blanks" },
  ]);
  const { text, status } = explainFault(error, redact, quiet);
  expect(text).toContain("QUERY_DAYS must be 1 to 7\n");
  expect(text).toContain("DB_NAME must have no blanks\n");
  expect(text).toContain("the command config");
  expect(status).toBe(exitStatus.usage);
});

test("wrong usage ends with 2, any other fault with 1", () => {
  expect(explainFault(new UsageError("no such file"), redact, quiet)).toEqual({
    text: "Error: no such file",
    status: exitStatus.usage,
  });
  expect(explainFault(new Error("disk full"), redact, quiet)).toEqual({
    text: "Error: disk full",
    status: exitStatus.failed,
  });
});

test("what nobody foresaw is one line that says how to learn more", () => {
  const { text } = explainFault(new TypeError("x is not a function"), redact, quiet);
  expect(text).toMatch(/^Error: x is not a function \(unexpected; LOG_LEVEL=debug .*\)$/);
});

test("a stack trace needs LOG_LEVEL=debug", () => {
  const error = new Error("broken");
  expect(explainFault(error, redact, quiet).text).not.toContain("explain-fault.test");
  expect(explainFault(error, redact, { debug: true }).text).toContain("explain-fault.test");
});

test("secrets are taken out, of the stack trace too", () => {
  for (const debug of [false, true]) {
    const { text } = explainFault(new Error("refused s3cr3t-key"), redact, { debug });
    expect(text).toContain("[redacted]");
    expect(text).not.toContain("s3cr3t-key");
  }
});

test("whatever is thrown is explained", () => {
  expect(explainFault("a string", redact, quiet).text).toBe("Error: a string");
  expect(explainFault(undefined, redact, quiet).text).toBe("Error: undefined");
});
