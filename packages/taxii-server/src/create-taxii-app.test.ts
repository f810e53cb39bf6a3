import { describe, expect, test } from "vitest";
import { createTaxiiApp } from "./create-taxii-app.js";
import { createMemorySource } from "./memory/create-memory-source.js";
import { collectionId, malware, observable, root, tool } from "./testing/content.js";
import { serveApp } from "./testing/serve-app.js";

const collection = `/api/collections/${collectionId}/`;
const open = () => serveApp(createTaxiiApp([createMemorySource([root])], { title: "Test server" }));

describe("the endpoints", () => {
  test("lead from discovery to an object's versions", async () => {
    const get = await open();
    const { body, headers } = await get("/taxii2/");
    expect(headers.get("content-type")).toBe("application/taxii+json;version=2.1");
    const url = expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/api\/$/);
    expect(body).toEqual({ title: "Test server", default: url, api_roots: [url] });
    expect((await get("/api/")).body).toEqual({
      title: "Some content",
      description: "For tests",
      versions: ["application/taxii+json;version=2.1"],
      max_content_length: 104_857_600,
    });
    const objects = await get(`${collection}objects/`);
    expect(objects.ids).toEqual([tool, malware, observable]);
    expect(objects.body).not.toHaveProperty("more");
    expect(objects.body.objects?.[1]).toMatchObject({ name: "zweite – ünï" });
    expect((await get(`${collection}objects/${malware}/versions/`)).body).toEqual({
      versions: ["2025-01-01T00:00:00.000Z", "2026-01-15T00:00:00.000Z"],
    });
  });
});
