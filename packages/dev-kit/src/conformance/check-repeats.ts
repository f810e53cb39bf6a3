import type { Store } from "@cti-connectors/core/host";
import { ensure, listSome } from "../trial/conformance-error.js";
import { bytesOf, compareDocuments, describeDifference } from "../trial/stored-documents.js";
import type { Trial } from "../trial/trial.js";

/** A run that finds nothing new writes no document, whether it goes on from its checkpoints or starts over. */
export async function checkRepeatedRun(trial: Trial): Promise<void> {
  const store = await trial.openStore();
  await trial.load(store);
  for (const full of [false, true]) {
    const before = await trial.read(store);
    const written = await watchWrites(store, trial, () => trial.load(store, { full }));
    const after = await trial.read(store);
    const difference = compareDocuments(before, after, bytesOf);
    const which = full ? "a second run with `full`" : "a second run";
    ensure(
      describeDifference(difference) === undefined,
      () =>
        `${which} found the upstream unchanged, but still changed documents (${describeDifference(difference)}). What \`transform\` returns must depend only on the record`,
    );
    ensure(
      written.length === 0,
      `${which} found the upstream unchanged, but still wrote: ${listSome(written)}`,
    );
  }
}

const writing: ReadonlySet<string> = new Set(["bulkWrite", "delete", "findAndModify", "insert", "update"]);

/** The commands that write into the connector's collections while something runs. */
async function watchWrites(
  { database }: Store,
  { configured }: Trial,
  work: () => Promise<unknown>,
): Promise<readonly string[]> {
  const own = new Set(configured.steps.flatMap((step) => step.collections.map(({ name }) => name)));
  const written: string[] = [];
  const watch = ({ commandName, command }: { commandName: string; command: Record<string, unknown> }) => {
    const collection = command[commandName];
    if (writing.has(commandName) && typeof collection === "string" && own.has(collection)) {
      written.push(`${commandName} in ${collection}`);
    }
  };
  database.client.on("commandStarted", watch);
  try {
    await work();
  } finally {
    database.client.off("commandStarted", watch);
  }
  return written;
}
