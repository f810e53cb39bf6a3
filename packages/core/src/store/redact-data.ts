import type {
  CheckpointValue,
  EnrichedObject,
  EnrichedValue,
  LoadDocument,
  StoreReader,
} from "../connector/connector.js";
import { isJsonObject } from "../json/json.js";
import { redacted } from "../secrets/redact-secrets.js";
import { compileQuickTest, compileSecrets, isDistinctive } from "../secrets/secret-matcher.js";

/**
 * Takes secrets out of what is stored: documents, checkpoints, the quarantine. Only values that are known, and of these only
 * distinctive ones (see `isDistinctive`), since data must stay as it was received. The same secret always becomes the same text.
 */
export interface DataRedactor {
  text(text: string): string;
  /** Values, and names of fields. */
  json<Value extends CheckpointValue>(value: Value): Value;
  /** A record as received, of any type. */
  record(record: unknown): unknown;
  /** Finds what is stored without secrets by what the upstream calls it. */
  reader(reader: StoreReader): StoreReader;
  /**
   * What a step makes of a record. Where a secret is in it, it is made again of the record without the secret, so that nothing that
   * is derived from the secret stays either.
   */
  documents(record: unknown, process: Process): readonly LoadDocument[];
  /**
   * The same documents, prepared to be stored. Their text is written once: secrets are looked for in what `prepare` wrote.
   *
   * @param prepare its `text` is all of `data` and `enriched` as JSON, in any order of fields; undefined: it could not be written
   */
  prepared<Prepared>(
    record: unknown,
    process: Process,
    prepare: (document: LoadDocument) => PreparedWithText<Prepared>,
  ): readonly Prepared[];
}

type Process = (record: unknown) => readonly LoadDocument[];

interface PreparedWithText<Prepared> {
  readonly prepared: Prepared;
  readonly text: string | undefined;
}

export function createDataRedactor(secrets: Iterable<string>): DataRedactor {
  const distinctive = [...secrets].filter(isDistinctive);
  const known = compileSecrets(distinctive);
  return known === undefined ? keepsAll : redactorOf(known, compileQuickTest(distinctive));
}

const keepsAll: DataRedactor = {
  text: (text) => text,
  json: (value) => value,
  record: (record) => record,
  reader: (reader) => reader,
  documents: (record, process) => process(record),
  prepared: (record, process, prepare) => process(record).map((document) => prepare(document).prepared),
};

function redactorOf(known: RegExp, mayHoldSecret: (json: string) => boolean): DataRedactor {
  const once = new RegExp(known.source, "u");
  const text = (from: string) => from.replaceAll(known, redacted);
  const number = (from: number) => (once.test(String(from)) ? redacted : from);

  const isIn = (json: string) => mayHoldSecret(json) && once.test(json);

  /** False for values that are nested too deeply for JSON: only their raw text is stored. */
  function holdsSecret(value: unknown): boolean {
    try {
      return isIn(JSON.stringify(value) ?? "");
    } catch {
      return false;
    }
  }

  function inPart(part: unknown): unknown {
    if (typeof part === "string") {
      return text(part);
    }
    if (typeof part === "number") {
      return number(part);
    }
    return isJsonObject(part)
      ? Object.fromEntries(Object.entries(part).map(([name, field]) => [text(name), field]))
      : part;
  }

  /** Plain JSON; any value that holds no secret stays the very same one. */
  function clean<Value>(value: Value): Value {
    return holdsSecret(value) ? JSON.parse(JSON.stringify(value), (_name, part) => inPart(part)) : value;
  }

  function withoutSecret(from: unknown, process: Process): readonly LoadDocument[] {
    return process(clean(from)).map((document) => ({
      ...document,
      _id: text(document._id),
      data: clean(document.data),
      enriched: mapFields(document.enriched, { text, number }),
    }));
  }

  return {
    text,
    json: clean,
    record: clean,
    reader: (reader) => ({
      find: (collection, filter, options) => reader.find(collection, clean(filter), options),
      count: (collection, filter, options) => reader.count(collection, clean(filter), options),
      exists: (collection, filter) => reader.exists(collection, clean(filter)),
    }),
    documents(from, process) {
      const documents = process(from);
      return holdsSecret(documents) ? withoutSecret(from, process) : documents;
    },
    prepared(from, process, prepare) {
      const documents = process(from);
      const prepared = documents.map(prepare);
      const isFound = documents.some((document, index) => {
        const text = prepared[index]?.text;
        return text === undefined ? holdsSecret(document) : isIn(text) || holdsSecret(document._id);
      });
      const kept = isFound ? withoutSecret(from, process).map(prepare) : prepared;
      return kept.map((one) => one.prepared);
    },
  };
}

interface Replacements {
  readonly text: (text: string) => string;
  readonly number: (number: number) => string | number;
}

function mapEnriched(value: EnrichedValue | undefined, replace: Replacements): EnrichedValue | undefined {
  if (typeof value === "string") {
    return replace.text(value);
  }
  if (typeof value === "number") {
    return replace.number(value);
  }
  if (Array.isArray(value)) {
    return value.map((item: EnrichedValue) => mapEnriched(item, replace) ?? null);
  }
  return isObject(value) ? mapFields(value, replace) : value;
}

function mapFields(object: EnrichedObject, replace: Replacements): EnrichedObject {
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => [replace.text(name), mapEnriched(value, replace)] as const),
  );
}

function isObject(value: EnrichedValue | undefined): value is EnrichedObject {
  return typeof value === "object" && value !== null && !(value instanceof Date) && !Array.isArray(value);
}
