import { expect, test } from "vitest";
import { streamOf, textOf } from "../testing/stored-ioc.js";
import { writeNdjson } from "./write-ndjson.js";

test("a document is a line of canonical JSON with dates in ISO 8601", async () => {
  const text = await textOf(
    writeNdjson(
      streamOf(
        {
          _id: "1",
          ingested_at: new Date("2026-01-02T03:04:05.678Z"),
          data: { b: "line\nbreak", a: [null, 1] },
        },
        { _id: "2" },
      ),
    ),
  );
  expect(text).toBe(
    '{"_id":"1","data":{"a":[null,1],"b":"line\\nbreak"},"ingested_at":"2026-01-02T03:04:05.678Z"}\n{"_id":"2"}\n',
  );
});
