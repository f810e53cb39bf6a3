import type { ConfiguredConnector } from "./configure-connector.js";
import type { Connector, StoreReader } from "./connector.js";
import type { DemoQuestion } from "./demo.js";

const defaultLimit = 10;

/** A question of a demo, and the answer of the database. */
export interface DemoAnswer extends Pick<DemoQuestion, "question" | "filter" | "sort" | "columns"> {
  readonly collection: string;
  /** The largest number of rows. */
  readonly limit: number;
  /** One cell per column; undefined if the document has no such field. */
  readonly rows: readonly (readonly unknown[])[];
}

/**
 * Asks the questions of a connector's demo: queries the collection of each question's step.
 *
 * @param configured the same connector, with the settings of the run that loaded the documents
 * @throws StoreConnectionError where the database cannot be reached
 */
export async function askDemo(
  { name, demo }: Pick<Connector, "name" | "demo">,
  { steps }: Pick<ConfiguredConnector, "steps">,
  reader: StoreReader,
): Promise<readonly DemoAnswer[]> {
  const answers: DemoAnswer[] = [];
  for (const { step, ...asked } of demo?.questions ?? []) {
    const collection = steps.find((candidate) => candidate.name === step)?.collection?.name;
    if (collection === undefined) {
      throw new Error(`the demo of the connector ${name} asks the step ${step}, which has no collection`);
    }
    const { limit = defaultLimit } = asked;
    answers.push({
      ...asked,
      collection,
      limit,
      rows: await findRows(reader, { ...asked, collection, limit }),
    });
  }
  return answers;
}

async function findRows(
  reader: StoreReader,
  { collection, filter, sort, limit, columns }: Omit<DemoAnswer, "rows">,
): Promise<readonly (readonly unknown[])[]> {
  const paths = Object.values(columns).map((path) => path.split("."));
  // Whole fields of the document: MongoDB refuses a projection that names a field and one inside of it.
  const projection = Object.fromEntries(paths.map(([field = ""]) => [field, 1 as const]));
  const options = { projection, limit, ...(sort && { sort }) };
  const rows: unknown[][] = [];
  for await (const document of reader.find(collection, filter, options)) {
    rows.push(paths.map((path) => valueAt(document, path)));
  }
  return rows;
}

/** The value at a path, as MongoDB reads paths: in a list, a number picks an element, and a name the field of every element. */
function valueAt(value: unknown, [field, ...rest]: readonly string[]): unknown {
  if (field === undefined) {
    return value;
  }
  if (Array.isArray(value)) {
    return /^\d+$/.test(field)
      ? valueAt(value[Number(field)], rest)
      : value.map((element) => valueAt(element, [field, ...rest])).filter((found) => found !== undefined);
  }
  return isDocument(value) && Object.hasOwn(value, field) ? valueAt(value[field], rest) : undefined;
}

function isDocument(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/**
 * What the author of a demo has to put right, one line each: questions that find nothing, and columns that no document found has.
 * For tests, after a run of the whole demo.
 */
export function findDemoFaults(answers: readonly DemoAnswer[]): readonly string[] {
  return answers.flatMap(({ question, collection, columns, rows }) =>
    rows.length === 0
      ? [`"${question}" finds no document in ${collection}: check its filter, and the data of the demo`]
      : Object.entries(columns).flatMap(([heading, path], index) =>
          rows.every((row) => isAbsent(row[index]))
            ? [
                `"${question}" has the column "${heading}", but no document that it finds has the field ${path}`,
              ]
            : [],
        ),
  );
}

function isAbsent(cell: unknown): boolean {
  return cell === undefined || (Array.isArray(cell) && cell.length === 0);
}
