import type { JsonObject } from "@cti-connectors/core";
import type { Store } from "@cti-connectors/core/host";
import { test } from "vitest";
import { describeOnEmbedded, describeOnServers } from "../describe-on-servers.js";
import type { ConformanceSubject } from "../trial/subject.js";
import { openTrial } from "../trial/trial.js";
import { type ConformanceCheck, conformanceChecks } from "./checks.js";

const checkTimeoutMs = 120_000;

/**
 * Declares the conformance suite of a connector: one test for each thing that a connector has to get right, on embedded-mongo. Where
 * TEST_MONGO_URI is set, those that depend on the database run on that server too. A test that fails says what is wrong, and what to do.
 * Where a basic one fails, those that build on it are skipped.
 */
export function describeConformance<Sent extends JsonObject>(subject: ConformanceSubject<Sent>): void {
  const name = `the connector ${subject.connector.name}`;
  const failed = new Set<string>();
  const declare = (isAny: boolean) => (openDatabase: () => Promise<Store>) =>
    declareChecks(
      subject,
      openDatabase,
      conformanceChecks.filter(({ onAnyDatabase = false }) => onAnyDatabase === isAny),
      failed,
    );
  describeOnServers(name, declare(false));
  describeOnEmbedded(`${name} with any database`, declare(true));
}

function declareChecks(
  subject: ConformanceSubject,
  openDatabase: () => Promise<Store>,
  checks: readonly ConformanceCheck[],
  /** Basic ones; those that fail are added. */
  failed: Set<string>,
): void {
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
