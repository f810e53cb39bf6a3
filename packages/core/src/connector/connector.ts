import type { z } from "zod";
import type { HttpClient, HttpSettings } from "../http/http-client.js";
import type { JsonValue } from "../json/json.js";
import type { Logger } from "../log/create-logger.js";
import type { RemovedReason } from "./stored-document.js";

/** An index to be created before the first document of a run is loaded. */
export interface IndexSpec {
  /** Field path → direction. */
  readonly key: Readonly<Record<string, 1 | -1>>;
  readonly unique?: boolean;
}

/** A MongoDB collection that a step loads into. */
export interface CollectionSpec {
  readonly name: string;
  /** The setting that `name` comes from, for an error where it is another's collection. */
  readonly nameSetting?: string;
  readonly indexes: readonly IndexSpec[];
  /** Whether a change of `data` keeps what it replaces in the document's `history`. Default: no. */
  readonly keepsHistory?: boolean;
}

/** What a transform makes of one record; core adds the rest of the envelope (DESIGN.md, "Documents"). */
export interface LoadDocument {
  readonly collection: string;
  /** Deterministic, so that loading the same record again finds the same document. */
  readonly _id: string;
  readonly data: JsonValue;
  /** May hold dates; `data` holds the record as received. */
  readonly enriched: EnrichedObject;
  /**
   * Set where the upstream does not list this document now, but did once: it is inserted as removed for this reason, and where it is
   * stored already, whether it is listed stays as it is.
   */
  readonly removed?: RemovedReason;
  /** What of `data` is not as received: set by core, from `alterationsIn` the record. */
  readonly altered?: readonly string[];
}

/** What is stored of a document that a step brings again with another content. */
export interface StoredContent {
  readonly data: unknown;
  readonly enriched: unknown;
}

export type EnrichedValue =
  | string
  | number
  | boolean
  | null
  | Date
  | readonly EnrichedValue[]
  | EnrichedObject;
export interface EnrichedObject {
  readonly [field: string]: EnrichedValue | undefined;
}

/**
 * Everything the upstream lists at this moment within a scope. Stored documents of the scope that are not in
 * it get `removed_at` and `removed_reason`.
 */
export interface Listing {
  readonly collection: string;
  /** Equality on fields of stored documents, e.g. `{ "data.collection_id": "x-mitre-collection--…" }`. */
  readonly scope: Readonly<Record<string, string>>;
  /** The `_id`s that the upstream lists. */
  readonly listed: ReadonlySet<string>;
  /** Tells whether a document that is gone was replaced by a newer version; otherwise it was withdrawn. */
  isSuperseded(id: string): boolean;
  /**
   * True where the person asked for what is removed by it, as with another release: it is applied however much it withdraws. Default: a
   * listing that withdraws too much is refused with a `RemovalsRefusedError`, which is thrown at the `yield` of the page.
   */
  readonly acceptsRemovals?: boolean;
}

/** Figures by name. */
export type Facts = Readonly<Record<string, number>>;

/** One page of an upstream. */
export interface ExtractedPage<Checkpoint> {
  /**
   * As received; each is validated with the step's `record` schema and then transformed, 1,000 at a time. Where several of a page
   * make documents of one `_id`, the last one counts and the others are not stored; where the step reconciles, all are stored in
   * their order.
   */
  readonly records: readonly unknown[];
  /** How far the step has read, where its source is one of known length: for the progress bar, in place of `total`. */
  readonly bytes?: { readonly read: number; readonly total: number };
  /**
   * Figures of what is stored, for the step's report: how many of the listed objects are deprecated, for example. They take the place
   * of those of an earlier page. A dry run, which stores nothing, reports none.
   */
  readonly facts?: Facts;
  /**
   * Names of what the upstream lists but the step could not load, such as `attack-11.0-beta`, for its report. They take the place of those of
   * an earlier page. The step asks for them again in the next run.
   */
  readonly missing?: readonly string[];
  /** Saved once everything of this page is stored, never before. Absent: the checkpoint stays. */
  readonly checkpoint?: Checkpoint;
  /** How many records the step expects in all, where that is known: for the progress bar. */
  readonly total?: number;
  /** Applied after the records of this page are stored. If one of them is refused, nothing of the page is stored. */
  readonly listings?: readonly Listing[];
}

/** Read access to what is stored, for a step that needs to know. */
export interface StoreReader {
  /** Stored documents that match a MongoDB filter. Only the projected fields are fetched. */
  find(
    collection: string,
    filter: Readonly<Record<string, unknown>>,
    options?: {
      readonly projection?: Readonly<Record<string, 0 | 1>>;
      readonly sort?: Readonly<Record<string, 1 | -1>>;
    },
  ): AsyncIterable<Readonly<Record<string, unknown>>>;
  count(collection: string, filter: Readonly<Record<string, unknown>>): Promise<number>;
}

/** What a run gives a connector. */
export interface OpenContext<Config> {
  readonly config: Config;
  /** Retries, waits for the request budget, and counts, so that a step just asks. */
  readonly http: HttpClient;
  readonly store: StoreReader;
  readonly log: Logger;
  /** Aborted when the person interrupts. A step that has a page in hand yields it and returns. */
  readonly signal: AbortSignal;
  now(): Date;
}

export interface ExtractContext<Config, Checkpoint, Session = unknown> extends OpenContext<Config> {
  /** What this step saved last; undefined on the first run, with `--full`, or where it no longer fits the step's schema. */
  readonly checkpoint: Checkpoint | undefined;
  /**
   * What the connector's `open` returns. It is opened for the first step of a run that asks, and is the same for all later ones. Rejects
   * where opening fails; the next call tries again.
   */
  session(): Promise<Session>;
}

export interface TransformContext<Config> {
  readonly config: Config;
}

/** What a step says of itself, whatever its records and checkpoints are. */
export interface StepTraits<Config> {
  readonly name: string;
  /** One line for `--help` and the progress display. */
  readonly summary: string;
  /** Names of earlier steps without which this one cannot run: it is left out where one of them failed. Default: all earlier steps. */
  readonly needs?: readonly string[];
  /** Where the step loads to. */
  collections(config: Config): readonly CollectionSpec[];
  /**
   * How long a checkpoint holds. `lasting` (default): until the step saves another one. `run`: until all steps of the
   * connector have finished, so that only a run that was broken off is resumed.
   */
  readonly checkpointScope?: "lasting" | "run";
  /**
   * Pure. Makes one document of one that a transform brought and one that is stored with the same `_id` and another content. Asked
   * only where both differ; `_id` and `collection` must stay. Absent: what was brought replaces what is stored.
   *
   * A page is loaded again after a crash, so what has gone into the stored document must leave it as it is:
   * `reconcile(a, reconcile(b, a))` and `reconcile(b, reconcile(b, a))` are the same content as `reconcile(b, a)`. What it throws sends
   * the record to quarantine, and what is stored stays.
   */
  reconcile?(document: LoadDocument, stored: StoredContent): LoadDocument;
  /**
   * Asked when a document that is not stored is loaded late, out of quarantine: why the upstream no longer lists it, as far as what is
   * stored tells; undefined where it does. Absent: it is loaded as listed.
   */
  findRemoval?(document: LoadDocument, store: StoreReader): Promise<RemovedReason | undefined>;
}

export interface StepDefinition<
  Config,
  Schema extends z.ZodType,
  Checkpoint extends JsonValue,
  Session = unknown,
> extends StepTraits<Config> {
  /** Validates one record at the edge. A record that does not pass goes to quarantine with the reason. */
  readonly record: Schema;
  /** Validates the checkpoint when it comes back from the database. Absent: the step has none. */
  readonly checkpoint?: z.ZodType<Checkpoint>;
  extract(context: ExtractContext<Config, Checkpoint, Session>): AsyncIterable<ExtractedPage<Checkpoint>>;
  /** Pure. What it throws sends the record to quarantine. */
  transform(record: z.output<Schema>, context: TransformContext<Config>): readonly LoadDocument[];
}

/** A step as the pipeline sees it: record and checkpoint types are sealed inside. */
export interface Step<Config, Session = unknown> extends StepTraits<Config> {
  extract(context: ExtractContext<Config, unknown, Session>): AsyncIterable<ExtractedPage<JsonValue>>;
  /** Validates and transforms one raw record. Throws where the record cannot be understood. */
  process(raw: unknown, context: TransformContext<Config>): readonly LoadDocument[];
}

export interface ConnectorDefinition<Schema extends z.ZodObject, Session = unknown> {
  readonly name: string;
  /** One line for `--help`. */
  readonly summary: string;
  /**
   * The settings: an object schema whose keys are names of environment variables. `describe` texts become help
   * texts; a field with `.meta({ secret: true })` is redacted wherever it would be printed.
   */
  readonly config: Schema;
  /** What `--sample` sets, by environment variable. */
  readonly sample?: Readonly<Record<string, string>>;
  /** One line that says why the connector cannot run with these settings and what to do about it. */
  skipReason?(config: z.output<Schema>): string | undefined;
  /** Budget and headers of every request that this connector sends. */
  http?(config: z.output<Schema>): HttpSettings;
  /** Opens what the steps of a run share, at the first call of `session()` in one of them. What it throws fails that step. */
  open?(context: OpenContext<z.output<Schema>>): Session | Promise<Session>;
  /** Closes what `open` returned, however the run ends. What it throws is logged. */
  close?(session: Session): void | Promise<void>;
  readonly steps: readonly Step<z.output<Schema>, NoInfer<Session>>[];
}

/** A connector as the pipeline sees it: the type of its session is sealed inside. */
export type Connector<Schema extends z.ZodObject = z.ZodObject> = ConnectorDefinition<Schema>;
