import { expect, test, vi } from "vitest";
import { describeOnEmbedded } from "../describe-on-servers.js";
import { brokenConnectors } from "../testing/broken-things.js";
import { defineThings, subjectOf } from "../testing/things.js";
import { openTrial } from "../trial/trial.js";
import { conformanceChecks } from "./checks.js";
import { describeConformance } from "./describe-conformance.js";

vi.setConfig({ testTimeout: 60_000 });

describeConformance(subjectOf(defineThings()));

describeOnEmbedded("a broken connector", (openDatabase) => {
  test.each(brokenConnectors.map((broken) => [broken.fault, broken] as const))(
    "that %s is told so",
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
