import type { EnrichedObject, EnrichedValue, LoadDocument, StoreReader } from "../connector/connector.js";
import type { JsonValue } from "../json/json.js";
import { redacted } from "../secrets/redact-secrets.js";
import { compileQuickTest, compileSecrets, isDistinctive } from "../secrets/secret-matcher.js";

/**
 * Takes secrets out of what is stored: documents, checkpoints, the quarantine. Only values that are known, and of these only
 * distinctive ones (see `isDistinctive`), since data must stay as it was received. The same secret always becomes the same text.
 */
export interface DataRedactor {
  text(text: string): string;
  /** Values, and names of fields. */
  json(value: JsonValue): JsonValue;
  /** A record as received, of any type. */
  record(record: unknown): unknown;
  /** Finds what is stored without secrets by what the upstream calls it. */
  reader(reader: StoreReader): StoreReader;
  /**
   * What a step makes of a record. Where a secret is in it, it is made again of the record without the secret, so that nothing that
   * is derived from the secret stays either.
   */
  documents(record: unknown, process: (record: unknown) => readonly LoadDocument[]): readonly LoadDocument[];
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
};

function redactorOf(known: RegExp, mayHoldSecret: (json: string) => boolean): DataRedactor {
  const once = new RegExp(known.source, "u");
  const text = (from: string) => from.replaceAll(known, redacted);

  /** Of what is nested too deeply for JSON, nothing is stored but its raw text. */
  function holdsSecret(value: unknown): boolean {
    try {
      const text = JSON.stringify(value) ?? "";
      return mayHoldSecret(text) && once.test(text);
    } catch {
      return false;
    }
  }

  function withoutSecrets(value: unknown): string {
    return JSON.stringify(JSON.parse(JSON.stringify(value), (_name, part) => inPart(part)));
  }

  function inPart(part: unknown): unknown {
    switch (typeof part) {
      case "string":
        return text(part);
      case "number":
        return once.test(String(part)) ? redacted : part;
      case "object":
        return part === null || Array.isArray(part)
          ? part
          : Object.fromEntries(Object.entries(part).map(([name, field]) => [text(name), field]));
      default:
        return part;
    }
  }

  function json(value: JsonValue): JsonValue {
    return holdsSecret(value) ? JSON.parse(withoutSecrets(value)) : value;
  }

  function record(value: unknown): unknown {
    return holdsSecret(value) ? JSON.parse(withoutSecrets(value)) : value;
  }

  function fieldsOf(filter: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    return holdsSecret(filter) ? JSON.parse(withoutSecrets(filter)) : filter;
  }

  function enriched(value: EnrichedValue | undefined): EnrichedValue | undefined {
    if (typeof value === "string") {
      return text(value);
    }
    if (typeof value === "number") {
      return once.test(String(value)) ? redacted : value;
    }
    if (Array.isArray(value)) {
      return value.map((item: EnrichedValue) => enriched(item) ?? null);
    }
    return isObject(value) ? fields(value) : value;
  }

  function fields(object: EnrichedObject): EnrichedObject {
    return Object.fromEntries(
      Object.entries(object).map(([name, value]) => [text(name), enriched(value)] as const),
    );
  }

  return {
    text,
    json,
    record,
    reader: (reader) => ({
      find: (collection, filter, options) => reader.find(collection, fieldsOf(filter), options),
      count: (collection, filter) => reader.count(collection, fieldsOf(filter)),
    }),
    documents(from, process) {
      const documents = process(from);
      return holdsSecret(documents)
        ? process(record(from)).map((document) => ({
            ...document,
            _id: text(document._id),
            data: json(document.data),
            enriched: fields(document.enriched),
          }))
        : documents;
    },
  };
}

function isObject(value: EnrichedValue | undefined): value is EnrichedObject {
  return typeof value === "object" && value !== null && !(value instanceof Date) && !Array.isArray(value);
}
