import { hash } from "node:crypto";
import { configure } from "safe-stable-stringify";
import { alterationsIn } from "../json/altered-values.js";
import type { StoreAccess } from "../store/open-store.js";
import type { DataRedactor } from "../store/redact-data.js";
import { withStoreRetry } from "../store/with-store-retry.js";

export const rejectedCollection = "etl_rejected";

/** A refused record as it lies in `etl_rejected`. */
export interface RejectedRecord {
  /** Made of connector, step and raw text: a record that is refused in every run is one document. */
  readonly _id: string;
  readonly connector: string;
  readonly step: string;
  /** One line. */
  readonly reason: string;
  /** JSON text of the record as received, cut off at 2,000,000 characters. */
  readonly raw: string;
  /** In characters, before it was cut off. */
  readonly raw_length: number;
  /** Set where `raw` is not all of the record, so that it cannot be tried again. Absent in documents of earlier versions. */
  readonly incomplete?: boolean;
  /** What of the record is not as it came, see `alterationsIn`. Absent: nothing. */
  readonly altered?: readonly string[];
  /** The run that refused it last. */
  readonly run_id: string;
  readonly first_seen_at: Date;
  readonly last_seen_at: Date;
  /** How often it was refused. */
  readonly times: number;
}

interface QuarantineOptions {
  readonly store: StoreAccess;
  readonly connector: string;
  readonly step: string;
  readonly runId: string;
  readonly at: Date;
  readonly redactor: Pick<DataRedactor, "record" | "text">;
}

export interface Refusal {
  /** As received. */
  readonly record: unknown;
  readonly reason: string;
}

/** In characters: keeps a message below the driver's 48 MB whatever the records hold. */
const batchCharacters = 8_000_000;
const batchRecords = 1_000;

/**
 * Keeps records that could not be understood or stored, so that none is lost.
 *
 * @throws StoreError where the database fails
 */
export async function quarantine(refusals: readonly Refusal[], options: QuarantineOptions): Promise<void> {
  let batch: ReturnType<typeof upsertOf>[] = [];
  let characters = 0;
  for (const refusal of refusals) {
    const rawText = rawTextOf(options.redactor.record(refusal.record));
    batch.push(upsertOf(refusal, rawText, options));
    characters += rawText.text.length;
    if (batch.length === batchRecords || characters >= batchCharacters) {
      await write(batch, options);
      batch = [];
      characters = 0;
    }
  }
  await write(batch, options);
}

function upsertOf(
  { record, reason }: Refusal,
  { text, length: raw_length, isWhole }: RawText,
  { connector, step, runId, at, redactor }: QuarantineOptions,
) {
  // What is nested too deeply is looked through as text.
  const raw = isWhole ? text : redactor.text(text);
  const altered = alterationsIn(record).map(redactor.text);
  return {
    updateOne: {
      filter: { _id: hash("sha256", JSON.stringify([connector, step, raw_length, raw]), "hex") },
      update: {
        $set: {
          connector,
          step,
          reason,
          raw,
          raw_length,
          run_id: runId,
          last_seen_at: at,
          ...(!isWhole && { incomplete: true }),
          ...(altered.length > 0 && { altered }),
        },
        $setOnInsert: { first_seen_at: at },
        $inc: { times: 1 },
      },
      upsert: true,
    },
  };
}

async function write(
  batch: readonly ReturnType<typeof upsertOf>[],
  { store }: QuarantineOptions,
): Promise<void> {
  if (batch.length === 0) {
    return;
  }
  const collection = store.database.collection<RejectedRecord>(rejectedCollection);
  await withStoreRetry(store, () => collection.bulkWrite(batch, { ordered: false }));
}

/** In characters. */
const longestText = 2_000_000;

const stringifyUpToDepth = configure({ maximumDepth: 100, deterministic: false });

interface RawText {
  readonly text: string;
  /** In characters, of the whole text. */
  readonly length: number;
  /** Whether the text is all of the record, so that the record can be made of it again. */
  readonly isWhole: boolean;
}

/**
 * A record as JSON text, cut off where it is very long. Lone surrogates come out as escapes, so that the text can be
 * stored whatever the record holds; what is nested too deeply for JSON is left out below 100 levels.
 */
export function rawTextOf(record: unknown): RawText {
  const { whole, part } = stringify(record);
  const text = whole ?? part ?? String(record);
  return {
    text: cutOff(text),
    length: text.length,
    isWhole: whole !== undefined && text.length <= longestText,
  };
}

function stringify(record: unknown): {
  readonly whole?: string | undefined;
  readonly part?: string | undefined;
} {
  try {
    return { whole: JSON.stringify(record) };
  } catch {
    return { part: stringifyUpToDepth(record) };
  }
}

function cutOff(text: string): string {
  if (text.length <= longestText) {
    return text;
  }
  const cutsPair = /[\uD800-\uDBFF]/.test(text.charAt(longestText - 1));
  return text.slice(0, cutsPair ? longestText - 1 : longestText);
}
