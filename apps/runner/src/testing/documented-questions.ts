import { readFileSync } from "node:fs";
import { runInThisContext } from "node:vm";
import type { Store } from "@cti-connectors/core/host";

const page = readFileSync(new URL("../../../../docs/querying.md", import.meta.url), "utf8");

type Fields = Record<string, unknown>;
type Sort = Record<string, 1 | -1>;

/** A stage of an aggregation, as far as the tests look at it. */
type Stage = {
  readonly $match?: Fields;
  readonly $lookup?: { readonly from: string; readonly foreignField: string; readonly pipeline?: Stage[] };
};

/** One call of the documentation, as in `db.kev.find({ … }).sort({ … })`. */
export interface Question {
  readonly collection: string;
  /** As far as the documentation tells. */
  readonly filter: Fields;
  sort: Sort;
  /** Of an aggregation, which has no filter. */
  readonly pipeline?: Stage[];
}

/** What `mongosh` has in `db.things`, as far as the documentation uses it. */
interface Things {
  find(filter?: Fields): { sort(keys: Sort): unknown };
  findOne(filter?: Fields): Promise<Fields | null>;
  aggregate(pipeline: Stage[]): void;
}

/**
 * Runs the code below a heading of docs/querying.md, as `mongosh` would.
 *
 * @returns what it asks, in its order
 */
export async function askAsDocumented(heading: string, { database }: Store): Promise<readonly Question[]> {
  const questions: Question[] = [];
  const things = (collection: string): Things => {
    const note = (filter: Fields = {}, pipeline?: Stage[]) => {
      const question: Question = { collection, filter, sort: {}, ...(pipeline && { pipeline }) };
      questions.push(question);
      return question;
    };
    return {
      find(filter) {
        const question = note(filter);
        return {
          sort(keys) {
            question.sort = keys;
          },
        };
      },
      findOne: (filter) => database.collection(collection).findOne(note(filter).filter),
      aggregate(pipeline) {
        note({}, pipeline);
      },
    };
  };
  const db = new Proxy<Record<string, Things>>({}, { get: (_, collection) => things(String(collection)) });
  // mongosh waits for what is asked without being told to.
  const code = codeBelow(heading).replaceAll(/\bdb\./g, "await db.");
  const ask: (database: typeof db) => Promise<void> = runInThisContext(`async (db) => {${code}}`);
  await ask(db);
  return questions;
}

function codeBelow(heading: string): string {
  const [, section = ""] = page.split(`\n## ${heading}\n`);
  const [untilNext = ""] = section.split("\n## ");
  return [...untilNext.matchAll(/^```js\n(.*?)^```/gms)].map(([, code = ""]) => code).join("\n");
}
