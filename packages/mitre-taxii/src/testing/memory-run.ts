import { isDeepStrictEqual } from "node:util";
import {
  createHttpClient,
  createLogger,
  type HttpLimits,
  type LoadDocument,
  parseConfig,
  type StoredContent,
} from "@cti-connectors/core";
import { mitreTaxii } from "../mitre-taxii.js";
import { shareSession } from "../session/taxii-session.js";

export interface MemoryDocument {
  readonly content: StoredContent;
  removed: "superseded" | "withdrawn" | undefined;
}

/** Enough of a database and a pipeline for the steps' own tests: it lies in memory and can break off anywhere. */
export interface MemoryDatabase {
  /** Collection → `_id` → document. */
  readonly collections: Map<string, Map<string, MemoryDocument>>;
  readonly checkpoints: Map<string, unknown>;
}

export interface MemoryRunOptions {
  readonly env: Readonly<Record<string, string>>;
  /** Default: all. */
  readonly steps?: readonly string[];
  /** Breaks off after so many stored pages, all steps counted. */
  readonly stopAfterPages?: number;
  /** `crash`: the checkpoint of the last page is not saved. `interrupt`: it is, and the step sees the signal. */
  readonly stop?: "crash" | "interrupt";
  readonly now?: () => Date;
  /** Default: no retries. */
  readonly http?: HttpLimits;
}

export interface MemoryRun {
  readonly pages: number;
  readonly stopped: boolean;
  /** Documents that were new, changed or marked. */
  readonly written: number;
  readonly rejected: readonly unknown[];
  readonly log: readonly string[];
}

export function createMemoryDatabase(): MemoryDatabase {
  return { collections: new Map(), checkpoints: new Map() };
}

/** What the collections hold, to be compared. */
export function contentsOf({ collections }: MemoryDatabase): Record<string, Record<string, MemoryDocument>> {
  return Object.fromEntries(
    [...collections].map(([name, documents]) => [name, Object.fromEntries([...documents].sort())]),
  );
}

export async function runInMemory(database: MemoryDatabase, options: MemoryRunOptions): Promise<MemoryRun> {
  const { env, now = () => new Date(), stopAfterPages = Number.POSITIVE_INFINITY } = options;
  const config = parseConfig(mitreTaxii.config, { MITRE_REQUEST_BUDGET: "off", ...env });
  const lines: string[] = [];
  const log = createLogger({ destination: { write: (line) => lines.push(line) } });
  const controller = new AbortController();
  const http = createHttpClient({
    settings: { retries: 0, ...options.http },
    log,
    signal: controller.signal,
  });
  const rejected: unknown[] = [];
  let pages = 0;
  let written = 0;

  function collectionOf(name: string): Map<string, MemoryDocument> {
    const collection = database.collections.get(name) ?? new Map<string, MemoryDocument>();
    database.collections.set(name, collection);
    return collection;
  }

  async function* find(name: string, filter: Readonly<Record<string, unknown>>) {
    for (const [_id, { content, removed }] of collectionOf(name)) {
      const fits = Object.entries(filter).every(([path, value]) => {
        if (path === "removed_at") {
          return removed === undefined;
        }
        if (path === "_id") {
          return value === _id || (isRecord(value) && Array.isArray(value.$in) && value.$in.includes(_id));
        }
        const found = valueAt(content, path);
        return found === value || (Array.isArray(found) && found.includes(value));
      });
      if (fits) {
        yield { ...content, _id };
      }
    }
  }

  /** As core does: what a step makes of both where the content is another, and no change of what is listed by a document of the past. */
  function write(brought: LoadDocument, step: (typeof mitreTaxii.steps)[number]): boolean {
    const { collection, _id, removed } = brought;
    const before = collectionOf(collection).get(_id);
    const isSame = before !== undefined && isDeepStrictEqual(before.content, contentOf(brought));
    const made = before === undefined || isSame ? brought : step.reconcile?.(brought, before.content);
    const content = contentOf(made ?? brought);
    const removedNow = removed === undefined || before === undefined ? removed : before.removed;
    if (isDeepStrictEqual(before, { content, removed: removedNow })) {
      return false;
    }
    collectionOf(collection).set(_id, { content, removed: removedNow });
    return true;
  }

  const store = {
    find,
    async count(name: string, filter: Readonly<Record<string, unknown>>) {
      let count = 0;
      for await (const _document of find(name, filter)) {
        count += 1;
      }
      return count;
    },
  };

  const shared = shareSession({ config, http, store, log, signal: controller.signal, now });
  for (const step of mitreTaxii.steps) {
    if (options.steps !== undefined && !options.steps.includes(step.name)) {
      continue;
    }
    const checkpoint = structuredClone(database.checkpoints.get(step.name));
    const session = async () => shared;
    const context = { config, http, checkpoint, store, log, signal: controller.signal, now, session };
    for await (const page of step.extract(context)) {
      for (const raw of page.records) {
        try {
          for (const brought of step.process(raw, { config })) {
            if (write(brought, step)) {
              written += 1;
            }
          }
        } catch {
          rejected.push(raw);
        }
      }
      for (const { collection, scope, listed, isSuperseded } of page.listings ?? []) {
        for await (const { _id } of find(collection, { ...scope, removed_at: null })) {
          const document = collectionOf(collection).get(_id);
          if (document === undefined || listed.has(_id)) {
            continue;
          }
          document.removed = isSuperseded(_id) ? "superseded" : "withdrawn";
          written += 1;
        }
      }
      pages += 1;
      const stopped = pages >= stopAfterPages;
      if (page.checkpoint !== undefined && !(stopped && options.stop === "crash")) {
        database.checkpoints.set(step.name, structuredClone(page.checkpoint));
      }
      if (!stopped) {
        continue;
      }
      if (options.stop === "crash") {
        return { pages, stopped, written, rejected, log: lines };
      }
      controller.abort(new Error("interrupted"));
      break;
    }
    if (controller.signal.aborted) {
      return { pages, stopped: true, written, rejected, log: lines };
    }
  }
  for (const { name, checkpointScope } of mitreTaxii.steps) {
    if (checkpointScope === "run") {
      database.checkpoints.delete(name);
    }
  }
  return { pages, stopped: false, written, rejected, log: lines };
}

function contentOf({ data, enriched }: LoadDocument): StoredContent {
  return structuredClone({ data, enriched });
}

function valueAt(value: unknown, path: string): unknown {
  let found = value;
  for (const name of path.split(".")) {
    found = isRecord(found) ? found[name] : undefined;
  }
  return found;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
