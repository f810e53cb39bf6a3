import { expect, test } from "vitest";
import { z } from "zod";
import { answerTaxii, answerThreatfox } from "./answer-request.js";
import { attackBundle, day, icsId, objectA, stixObject } from "./testing/sandbox.js";

const accept = { accept: "application/taxii+json;version=2.1" };
const listed = z.looseObject({ objects: z.array(z.looseObject({ id: z.string() })) });

test.each(["attack", "standard"] as const)(
  "a TAXII request to the %s server is answered from objects",
  async (flavor) => {
    const { objects } = attackBundle("18.1", day("2025-11-13"), [
      stixObject(objectA, { created: day("2020-01-01"), modified: day("2025-01-01") }),
    ]);
    const url = `http://127.0.0.1/api/v21/collections/${icsId}/objects/`;
    const response = await answerTaxii(new Request(url, { headers: accept }), {
      collections: [objects],
      flavor,
    });
    expect(listed.parse(await response.json()).objects.map(({ id }) => id)).toEqual([icsId, objectA]);
  },
);

test("a ThreatFox request is answered from records, and needs the key", async () => {
  const record = { id: "1", ioc: "a.example", ioc_type: "domain", first_seen: "2026-01-01 00:00:00 UTC" };
  const ask = (key: string) =>
    answerThreatfox(
      new Request("http://127.0.0.1/api/v1/", {
        method: "POST",
        headers: { "auth-key": key },
        body: JSON.stringify({ query: "get_iocs", days: 1 }),
      }),
      { records: [record], key: "right", now: () => new Date("2026-01-01T12:00:00Z") },
    );
  expect(await (await ask("right")).json()).toEqual({ query_status: "ok", data: [record] });
  expect((await ask("wrong")).status).toBe(403);
});
