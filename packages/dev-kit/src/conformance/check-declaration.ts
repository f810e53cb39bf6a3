import { checkCollections, checkSettings, describeConfig } from "@cti-connectors/core/host";
import { ensure } from "../trial/conformance-error.js";
import type { Trial } from "../trial/trial.js";
import { findSecretFaults } from "./check-secrets.js";

/** The connector says of itself what people and programs need to know. */
export async function checkDeclaration(trial: Trial): Promise<void> {
  const { connector } = trial.subject;
  const faults = [
    ...findNameFaults("the connector", connector),
    ...connector.steps.flatMap((step) => findNameFaults(`the step ${step.name}`, step)),
    ...describeConfig(connector.config).flatMap(({ name, description }) =>
      description === undefined || description.trim() === ""
        ? [`the setting ${name} has no description, so --help cannot explain it: add .describe("…")`]
        : [],
    ),
    ...findSecretFaults(trial),
  ];
  ensure(faults.length === 0, faults.join("; "));
  checkSettings([connector]);
  checkCollections([trial.configured]);
}

function findNameFaults(
  what: string,
  { name, summary }: { readonly name: string; readonly summary: string },
): readonly string[] {
  return [
    ...(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(name)
      ? []
      : [`the name "${name}" of ${what} must be lower-case words with hyphens, such as acme-feed`]),
    ...(summary.trim() !== "" && !summary.includes("\n") ? [] : [`the summary of ${what} must be one line`]),
  ];
}
