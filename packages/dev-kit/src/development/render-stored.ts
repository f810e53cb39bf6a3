import { inspect } from "node:util";
import type { StoreReader } from "@cti-connectors/core";

export interface ShowStored {
  /** For each collection the `_id`s to show. */
  readonly ids: ReadonlyMap<string, ReadonlySet<string>>;
  /** How many documents of each collection at most. */
  readonly limit: number;
  readonly colors: boolean;
}

/** For people: documents as they are stored, with what is long in their `data` left out. */
export async function renderStored(
  stored: StoreReader,
  { ids: idsOf, limit, colors }: ShowStored,
): Promise<string> {
  const blocks: string[] = [];
  for (const [collection, ids] of idsOf) {
    const filter = { _id: { $in: [...ids] } };
    const count = await stored.count(collection, filter);
    if (count === 0 || limit === 0) {
      continue;
    }
    blocks.push(`${collection}, documents of the last page`);
    let shown = 0;
    for await (const document of stored.find(collection, filter, { sort: { _id: 1 }, limit })) {
      blocks.push(renderDocument(document, colors));
      shown += 1;
    }
    if (count > shown) {
      blocks.push(`  … and ${count - shown} more`);
    }
  }
  return blocks.map((block) => `${block}\n\n`).join("");
}

const whole = { depth: 8, maxStringLength: 300, maxArrayLength: 20 } as const;
const shortened = { depth: 3, maxStringLength: 80, maxArrayLength: 3 } as const;

/** The fields that say something of the connector, and how long they may become. */
const fields = [
  ["_id", whole],
  ["enriched", whole],
  ["removed_at", whole],
  ["removed_reason", whole],
  ["altered", whole],
  ["data", shortened],
] as const;

const nameWidth = Math.max(...fields.map(([name]) => name.length)) + 2;

function renderDocument(document: Readonly<Record<string, unknown>>, colors: boolean): string {
  return fields
    .filter(([name]) => document[name] !== undefined && document[name] !== null)
    .map(([name, options]) => {
      const text = inspect(document[name], { ...options, colors, breakLength: 100, compact: 3 });
      return `  ${name.padEnd(nameWidth)}${text.replaceAll("\n", "\n  ")}`;
    })
    .join("\n");
}
