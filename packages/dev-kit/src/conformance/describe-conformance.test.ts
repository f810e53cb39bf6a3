import { defineConnector, type JsonObject, urlSetting } from "@cti-connectors/core";
import { expect, test, vi } from "vitest";
import { z } from "zod";
import { describeOnEmbedded } from "../describe-on-servers.js";
import { brokenConnectors } from "../testing/broken-things.js";
import { defineThings, idsOf, subjectOf, thing } from "../testing/things.js";
import type { ConformanceSubject } from "../trial/subject.js";
import { openTrial } from "../trial/trial.js";
import { conformanceChecks } from "./checks.js";
import { describeConformance } from "./describe-conformance.js";

vi.setConfig({ testTimeout: 60_000 });

describeConformance(subjectOf(defineThings()));

/** Things, and of each the details, which are another request. */
const thingsWithDetails = defineConnector({
  name: "things",
  summary: "Things, each with its details",
  config: z.object({
    THINGS_URL: urlSetting().describe("Where the things are"),
    THINGS_LOGIN: z.string().describe("Who asks"),
  }),
  steps: ({ step }) => [
    step({
      name: "details",
      summary: "the details of all things",
      collection: "details",
      record: z.object({ of: z.string() }),
      async *extract({ config, http }) {
        const { body } = await http.json(config.THINGS_URL, z.object({ things: z.array(z.unknown()) }));
        const records: unknown[] = [];
        for (const id of idsOf(body.things.filter((one) => thing.safeParse(one).success))) {
          records.push((await http.json(new URL(id, config.THINGS_URL), z.unknown())).body);
        }
        yield { records: [...records, ...body.things.filter((one) => !thing.safeParse(one).success)] };
      },
      transform: ({ of }) => ({ _id: of }),
    }),
  ],
});
const subjectWithDetails: ConformanceSubject = {
  ...subjectOf(thingsWithDetails),
  upstream: {
    ...subjectOf(thingsWithDetails).upstream,
    settings: ({ url, key }) => ({ THINGS_URL: url, THINGS_LOGIN: key }),
    answer(request, records) {
      const { pathname } = new URL(request.url);
      return Response.json(pathname === "/" ? { things: records } : { of: pathname.slice(1) });
    },
  },
};

describeOnEmbedded("a connector of another kind", (openDatabase) => {
  const run = async (name: string) => {
    const trial = await openTrial(subjectWithDetails, openDatabase);
    try {
      await conformanceChecks.find((check) => check.name === name)?.run(trial);
    } finally {
      await trial.close();
    }
  };

  test("need not store what it would ask for because of an invalid one", async () => {
    await run("quarantines invalid records and stores the rest");
  });

  test("may have an upstream whose invalid records are built from the fields it knows", async () => {
    const invalid = ({ id = null }: JsonObject): JsonObject => ({ id });
    const subject = subjectOf(defineThings());
    const trial = await openTrial({ ...subject, upstream: { ...subject.upstream, invalid } }, openDatabase);
    try {
      const check = conformanceChecks.find(
        ({ name }) => name === "quarantines invalid records and stores the rest",
      );
      expect(check).toBeDefined();
      await check?.run(trial);
    } finally {
      await trial.close();
    }
  });

  test("has to mark the setting that the suite gives its key, whatever its name", async () => {
    await expect(run("has valid names, summaries and settings")).rejects.toThrow(
      "the setting THINGS_LOGIN has a secret that would be printed and stored: add .meta({ secret: true })",
    );
  });
});

test("change and invalid get what record returns", () => {
  const declare = () =>
    describeConformance({
      connector: thingsWithDetails,
      upstream: {
        ...subjectWithDetails.upstream,
        record: (n) => ({ thing: { id: `${n}`, name: "Old" } }),
        change: (record) => ({ thing: { ...record.thing, name: "New" } }),
        invalid: (record) => ({ thing: { id: record.thing.id } }),
      },
    });
  expect(declare).toBeTypeOf("function");
});

describeOnEmbedded("a broken connector", (openDatabase) => {
  test.each(brokenConnectors.map((broken) => [broken.fault, broken] as const))(
    "that %s fails",
    async (_fault, { connector, found }) => {
      for (const [name, message] of Object.entries(found)) {
        const check = conformanceChecks.find((candidate) => candidate.name === name);
        const trial = await openTrial(subjectOf(connector), openDatabase);
        try {
          await expect(check?.run(trial), name).rejects.toThrow(message);
        } finally {
          await trial.close();
        }
      }
    },
  );
});
