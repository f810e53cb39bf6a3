import type { Store } from "@cti-connectors/core/host";
import { ensure } from "../trial/conformance-error.js";
import { compareDocuments, describeDifference, repeatableOf } from "../trial/stored-documents.js";
import type { Trial } from "../trial/trial.js";

/** What steps with `restore` make again of their stored documents is what they made of the upstream's records. */
export async function checkRestore(trial: Trial): Promise<void> {
  const store = await trial.openStore();
  await trial.load(store);
  const before = await trial.read(store);
  await ageDocuments(store, trial);
  const { received } = await trial.load(store, {
    alter: (configured) => ({
      ...configured,
      steps: configured.steps.map((step) => ({ ...step, async *extract() {} })),
    }),
  });
  const difference = describeDifference(compareDocuments(before, await trial.read(store), repeatableOf));
  ensure(
    difference === undefined && received === 0,
    () =>
      `\`restore\` makes other documents of what is stored than the upstream's records made (${difference ?? "with requests"}). \`restore.record\` must return the record of the stored document as \`extract\` yields it, and \`transform\` must need nothing else`,
  );
}

/** As if an older version had stored them: with a field that this one does not know, and no word about their shape. */
async function ageDocuments({ database }: Store, { configured }: Trial): Promise<void> {
  for (const { restore, collection } of configured.steps) {
    if (restore !== undefined && collection !== undefined) {
      const older = { "enriched.of_an_older_version": true, content_hash: "of an older version" };
      await database.collection(collection.name).updateMany({}, { $set: older });
      await database.collection<{ _id: string }>("etl_state").deleteOne({ _id: `shape/${collection.name}` });
    }
  }
}
