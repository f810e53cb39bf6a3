import { readFile } from "node:fs/promises";
import { storedIn } from "@cti-connectors/core/testing";
import { describeOnServers } from "@cti-connectors/dev-kit/describe-on-servers";
import { hasRealData, nameRealData, realData } from "@cti-connectors/sandbox/testing";
import { expect, test, vi } from "vitest";
import { z } from "zod";
import { runKev } from "../../src/testing/run-kev.js";
import { serveCatalogue } from "../../src/testing/serve-catalogue.js";

vi.setConfig({ testTimeout: 60_000 });

const file = "kev/known_exploited_vulnerabilities.json";

describeOnServers(nameRealData("a real catalogue", file), (openDatabase) => {
  test.skipIf(!hasRealData(file))(
    "loads whole, every document has all that people search by, and LOAD_OVERLAP=off stores the same",
    async () => {
      const text = await readFile(realData(file), "utf8");
      const { count } = z.object({ count: z.int() }).parse(JSON.parse(text));
      const upstream = await serveCatalogue();
      upstream.answerWith(200, text);
      const store = await openDatabase();
      const settings = { KEV_URL: upstream.url };
      const first = { runId: "first", now: () => new Date("2026-11-28T00:00:00Z") };
      const inserted = { status: "ok", steps: [{ extracted: count, inserted: count, rejected: 0 }] };
      expect(await runKev(store, settings, first)).toMatchObject(inserted);
      const document = z.object({
        _id: z.string().regex(/^CVE-/u),
        enriched: z.object({
          added_at: z.date(),
          due_at: z.date(),
          vendor: z.string(),
          product: z.string(),
          name: z.string(),
          ransomware: z.boolean(),
          cwes: z.array(z.string()),
        }),
      });
      const documents = z.array(document).parse(await storedIn(store, "kev"));
      expect(documents.filter(({ enriched }) => enriched.ransomware).length).toBeGreaterThan(0);
      expect(documents.filter(({ enriched }) => enriched.cwes.length > 0).length).toBeGreaterThan(0);
      expect(await runKev(store, settings)).toMatchObject({ status: "ok", steps: [{ extracted: 0 }] });
      const full = await runKev(store, settings, { full: true });
      expect(full).toMatchObject({ status: "ok", steps: [{ unchanged: count, withdrawn: 0 }] });

      const inTurn = await openDatabase();
      expect(await runKev(inTurn, settings, { ...first, overlap: false })).toMatchObject(inserted);
      expect(await storedIn(inTurn, "kev")).toEqual(await storedIn(store, "kev"));
    },
  );
});
