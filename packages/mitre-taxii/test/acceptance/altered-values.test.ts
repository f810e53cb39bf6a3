import { describeOnServers } from "@cti-connectors/dev-kit/describe-on-servers";
import { expect, onTestFinished, test, vi } from "vitest";
import { runPipeline } from "../../src/testing/pipeline.js";
import { startScriptedServer } from "../../src/testing/scripted-server.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const modified = "2024-01-01T00:00:00.000Z";
const tool = (id: string) => ({ type: "tool", id, modified, created: modified });

describeOnServers("values that cannot be kept as they came", (openDatabase) => {
  test("are kept as text, or replaced, and their document says so", async () => {
    const store = await openDatabase();
    const objects = JSON.stringify({ objects: [tool("tool--a"), tool("tool--b"), tool("tool--c")] })
      .replace('"id":"tool--a"', '"id":"tool--a","x_n":12345678901234567890,"x_list":[{"n":1e999}]')
      .replace('"id":"tool--b"', '"id":"tool--b","name":"J?rg"');
    const bytes = Buffer.from(objects);
    bytes[bytes.indexOf("?")] = 0xf6;
    const manifest = ["tool--a", "tool--b", "tool--c"].map((id) => ({
      id,
      date_added: modified,
      version: modified,
      media_type: "application/stix+json;version=2.1",
    }));
    const server = await startScriptedServer((path) => {
      if (path === "/taxii2/") {
        return { body: { title: "x", api_roots: ["/api/"] } };
      }
      if (path === "/api/collections/") {
        return { body: { collections: [{ id: "c", title: "C" }] } };
      }
      if (path.endsWith("/manifest/")) {
        return { body: { objects: manifest } };
      }
      if (path.endsWith("/objects/")) {
        return { body: bytes };
      }
      return { body: { versions: [modified] } };
    });
    onTestFinished(server.close);
    const report = await runPipeline(store, { MITRE_TAXII_URL: `${server.url}/taxii2/` });
    expect(report).toMatchObject({ status: "ok" });
    const number = "a number kept as text, because a number would lose digits";
    expect(await store.database.collection("objects").find().sort({ _id: 1 }).toArray()).toMatchObject([
      {
        data: { objects: [{ id: "tool--a", x_n: "12345678901234567890", x_list: [{ n: "1e999" }] }] },
        altered: [`object.x_n: ${number}`, `object.x_list.0.n: ${number}`],
      },
      {
        data: { objects: [{ id: "tool--b", name: "J\uFFFDrg" }] },
        altered: ["object.name: invalid UTF-8 was replaced by U+FFFD"],
      },
      { data: { objects: [tool("tool--c")] } },
    ]);
    expect(await store.database.collection("objects").countDocuments({ altered: { $exists: true } })).toBe(2);
  });
});
