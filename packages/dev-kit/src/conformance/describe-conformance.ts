import type { JsonObject } from "@cti-connectors/core";
import type { Store } from "@cti-connectors/core/host";
import { test } from "vitest";
import { describeOnEmbedded, describeOnServers } from "../describe-on-servers.js";
import type { ConformanceSubject } from "../trial/subject.js";
import { openTrial } from "../trial/trial.js";
import { type ConformanceCheck, conformanceChecks } from "./checks.js";

const checkTimeoutMs = 120_000;

/**
 * Declares the conformance suite of a connector: one test for each thing that a connector has to get right, on embedded-mongo and, where
 * TEST_MONGO_URI is set, on that server too. A test that fails says what is wrong, and what to do. Where a basic one fails, those that
 * build on it are skipped.
 */
export function describeConformance<Sent extends JsonObject>(subject: ConformanceSubject<Sent>): void {
  const name = `the connector ${subject.connector.name}`;
  describeOnServers(name, (openDatabase) => {
    declareChecks(
      subject,
      openDatabase,
      conformanceChecks.filter(({ isOfDemo = false }) => !isOfDemo),
    );
  });
  describeOnEmbedded(`the demo of ${name}`, (openDatabase) => {
    declareChecks(
      subject,
      openDatabase,
      conformanceChecks.filter(({ isOfDemo = false }) => isOfDemo),
    );
  });
}

function declareChecks(
  subject: ConformanceSubject,
  openDatabase: () => Promise<Store>,
  checks: readonly ConformanceCheck[],
): void {
  const failed = new Set<string>();
  for (const { name, isBasic = false, applies = () => true, run } of checks) {
    test.skipIf(!applies(subject))(name, { timeout: checkTimeoutMs }, async ({ skip }) => {
      skip(!isBasic && failed.size > 0, `fix this first: ${[...failed].join(", ")}`);
      const trial = await openTrial(subject, openDatabase);
      try {
        await run(trial);
      } catch (error) {
        if (isBasic) {
          failed.add(name);
        }
        throw error;
      } finally {
        await trial.close();
      }
    });
  }
}
