import type { z } from "zod";
import type { HttpClient, HttpSettings } from "../http/http-client.js";
import type { Logger } from "../log/create-logger.js";
import type { Demo } from "./demo.js";
import type { RemovedReason } from "./stored-document.js";

/** The fields of an index: field path → direction. */
export type IndexKey = Readonly<Record<string, 1 | -1>>;

/** A MongoDB collection that a step loads into. */
export interface CollectionSpec {
  readonly name: string;
  /** The setting that `name` comes from, for an error where it is another's collection. */
  readonly nameSetting?: string;
  readonly indexes: readonly IndexKey[];
  /** Whether a change of `data` keeps what it replaces in the document's `history`. */
  readonly keepsHistory: boolean;
}

/** What `transform` returns for one record; core adds the rest of the envelope (docs/write-a-connector.md). */
export interface StepDocument {
  /** Deterministic, so that loading the same record again finds the same document. */
  readonly _id: string;
  /** Default: the collection of the step. */
  readonly collection?: string;
  /** Default: the record as received, including fields that the step's schema leaves out. */
  readonly data?: unknown;
  /** The fields that people search by. May hold dates. Default: none. */
  readonly enriched?: EnrichedObject;
  /**
   * For a document that the upstream no longer lists: it is inserted as removed, with this reason. If it is stored already, it stays listed
   * or removed as it was.
   */
  readonly removed?: RemovedReason;
}

/** A document as the pipeline loads it. */
export interface LoadDocument {
  readonly collection: string;
  readonly _id: string;
  readonly data: unknown;
  readonly enriched: EnrichedObject;
  readonly removed?: RemovedReason;
  /** What of `data` is not as received: set by core, from `alterationsIn` the record. */
  readonly altered?: readonly string[];
}

/** The stored content of a document that a step loads again with other content. */
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
  /** Default: the collection of the step. */
  readonly collection?: string;
  /** The values that fields of a stored document must have, e.g. `{ "data.collection_id": "x-mitre-collection--…" }`. Default: the whole collection. */
  readonly scope?: Readonly<Record<string, string>>;
  /** The `_id`s that the upstream lists. */
  readonly listed: ReadonlySet<string>;
  /** Whether a document that is no longer listed was replaced by a newer version, not withdrawn. Default: never. */
  isSuperseded?(id: string): boolean;
  /**
   * True if the user asked for the removal, for example by choosing another release: it is applied however much it withdraws. Default: a
   * listing that withdraws too much is refused with a `RemovalsRefusedError`, which is thrown at the `yield` of the page.
   */
  readonly acceptsRemovals?: boolean;
}

/** What a checkpoint can be: JSON. A field that is undefined is not saved, so it may be optional in the step's schema. */
export type CheckpointValue =
  | string
  | number
  | boolean
  | null
  | readonly CheckpointValue[]
  | { readonly [field: string]: CheckpointValue | undefined };

/** Figures by name. */
export type Facts = Readonly<Record<string, number>>;

/** A span of time of which records may be missing, because the upstream no longer offers them. Both ends in ISO 8601. */
export interface Gap {
  readonly from: string;
  readonly to: string;
}

/** What a page says about the whole load. */
export interface PageDetails {
  /** The expected number of records, if known: for the progress bar. */
  readonly total?: number;
  /** How much of its source the step has read, if the number of records is not known: for the progress bar. */
  readonly bytes?: { readonly read: number; readonly total: number };
  /** Figures about the stored data, for the step's report. They replace those of an earlier page. */
  readonly facts?: Facts;
  /**
   * Names of what the upstream lists but the step could not load, such as `attack-11.0-beta`, for its report. They replace those of an
   * earlier page. The step requests them again in the next run.
   */
  readonly missing?: readonly string[];
  /** What was not loaded in time and could not be loaded afterwards, for the step's report. It replaces that of an earlier page. */
  readonly gap?: Gap;
}

/** One page of an upstream. */
export interface RecordsPage<Checkpoint> extends PageDetails {
  /**
   * As received, and not changed after the `yield`; each is validated with the step's `record` schema and then transformed, 1,000 at a
   * time. If several records of a page have the same `_id`, only the last one is stored; if the step reconciles, all are stored in their
   * order.
   */
  readonly records: readonly unknown[];
  /** Saved once everything of this page is stored, never before. Absent: the checkpoint stays. */
  readonly checkpoint?: Checkpoint;
  /**
   * The `_id`s of everything that the upstream lists now. All other documents in the step's collection are marked as withdrawn, after the
   * records of this page are stored. Short for one of the `listings`, for the whole collection.
   */
  readonly lists?: Iterable<string>;
  /** Applied after the records of this page are stored. If one of them is refused, nothing of the page is stored. */
  readonly listings?: readonly Listing[];
  readonly checkpointOnly?: never;
}

/** Loads nothing. The checkpoint is saved once all earlier pages are stored. */
export interface CheckpointPage<Checkpoint> extends PageDetails {
  readonly checkpointOnly: Checkpoint;
}

/** What `extract` yields. */
export type ExtractedPage<Checkpoint> = RecordsPage<Checkpoint> | CheckpointPage<Checkpoint>;

/** Read access to what is stored, for a step that needs to know. While a page of the step is being stored, reads wait for it. */
export interface StoreReader {
  /** Stored documents that match a MongoDB filter. Only the projected fields are fetched. */
  find(
    collection: string,
    filter: Readonly<Record<string, unknown>>,
    options?: {
      readonly projection?: Readonly<Record<string, 0 | 1>>;
      readonly sort?: Readonly<Record<string, 1 | -1>>;
      /** The maximum number of documents. Default: no maximum. */
      readonly limit?: number;
    },
  ): AsyncIterable<Readonly<Record<string, unknown>>>;
  count(
    collection: string,
    filter: Readonly<Record<string, unknown>>,
    options?: {
      /** Where counting ends. Default: it counts all. */
      readonly limit?: number;
    },
  ): Promise<number>;
  /** Whether any stored document matches a MongoDB filter. Reads at most one. */
  exists(collection: string, filter: Readonly<Record<string, unknown>>): Promise<boolean>;
}

/** What a run gives a connector. */
export interface OpenContext<Config> {
  readonly config: Config;
  /** Retries failed requests, waits for the request budget, and counts. */
  readonly http: HttpClient;
  readonly store: StoreReader;
  readonly log: Logger;
  /** Aborts when the user interrupts the run. A step then yields the current page and returns; if it was read ahead, it is dropped. */
  readonly signal: AbortSignal;
  /** A folder for files that a step keeps from one run to the next, such as a download. May not exist yet. */
  readonly filesFolder: string;
  now(): Date;
}

export interface ExtractContext<Config, Checkpoint, Session = unknown> extends OpenContext<Config> {
  /** What this step saved last; undefined on the first run, with `--full`, or if it no longer fits the step's schema. */
  readonly checkpoint: Checkpoint | undefined;
  /**
   * What the connector's `open` returns. The first call of a run opens it; later steps get the same one. Rejects if
   * opening fails; the next call tries again.
   */
  session(): Promise<Session>;
}

export interface TransformContext<Config> {
  readonly config: Config;
}

/** Names of settings that hold text. */
type TextSetting<Config> = {
  [Name in keyof Config & string]: Config[Name] extends string ? Name : never;
}[keyof Config & string];

/** A stored document, from which a step recreates its record. */
export interface RestorableDocument extends StoredContent {
  readonly _id: string;
}

/**
 * How a step recreates its records from stored documents, so that documents of an older version get the fields of this one. It sends no
 * request: the upstream may not send a record again for months, or at all.
 */
export interface Restore {
  /**
   * A whole number from 1: the shape of the documents. Raise it whenever `transform` makes a different document from the same record. The
   * next run then recreates every document in the collection of the step, once.
   */
  readonly version: number;
  /**
   * What answers from documents of an older version lack, such as `groups by alias`: people read it behind “answers may lack” until they are
   * upgraded. Absent: they read that answers may be incomplete.
   */
  readonly adds?: string;
  /**
   * Pure. The record of a stored document, in the form that `extract` yields and the step's `record` schema takes. undefined: the document
   * stays as it is. What it throws leaves the document as it is, too, and the log says so.
   *
   * A recreated document has the same `_id`, is listed or removed as before, and keeps its `history`.
   */
  record(document: RestorableDocument): unknown;
}

/** What a step declares, apart from its records and checkpoints. */
export interface StepTraits<Config> {
  readonly name: string;
  /** One line for `--help` and the progress display. */
  readonly summary: string;
  /** Names of earlier steps that this one needs: it is skipped if one of them failed. Default: all earlier steps. */
  readonly needs?: readonly string[];
  /** The collection that belongs to this step, or the setting that names it. Absent: it loads into those of other steps only. */
  readonly collection?: string | { readonly setting: TextSetting<Config> };
  /** Indexes of `collection`, created before its first document is loaded. */
  readonly indexes?: readonly IndexKey[] | ((config: Config) => readonly IndexKey[]);
  /** Whether a change of `data` keeps what it replaces in the document's `history`. Default: no. */
  readonly keepsHistory?: boolean;
  /** Names of other steps of this connector whose collections this step also loads into. Such documents must name their `collection`. */
  readonly sharesCollectionsOf?: readonly string[];
  /**
   * How long a checkpoint holds. `lasting` (default): until the step saves another one. `run`: until all steps of the
   * connector have finished, so that it only serves to resume an interrupted run.
   */
  readonly checkpointScope?: "lasting" | "run";
  /**
   * Pure. Merges a new document with the stored one of the same `_id`. Called only if their contents differ; `_id` and `collection`
   * must stay. Absent: the new document replaces the stored one.
   *
   * A page is loaded again after a crash, so what has gone into the stored document must leave it as it is:
   * `reconcile(a, reconcile(b, a))` and `reconcile(b, reconcile(b, a))` are the same content as `reconcile(b, a)`. What it throws sends
   * the record to quarantine, and what is stored stays.
   */
  reconcile?(document: LoadDocument, stored: StoredContent): LoadDocument;
  /**
   * Called when a document that is not stored is loaded from quarantine: returns why the upstream no longer lists it, judging by what is
   * stored; undefined if it does. Absent: it is loaded as listed.
   */
  findRemoval?(document: LoadDocument, store: StoreReader): Promise<RemovedReason | undefined>;
  /** How documents of an older version are upgraded. Absent: they stay as they are until the upstream sends their records again. */
  readonly restore?: Restore;
}

export interface StepDefinition<
  Config,
  Schema extends z.ZodType,
  Checkpoint extends CheckpointValue,
  Session = unknown,
> extends StepTraits<Config> {
  /** Validates one record at the edge. A record that does not pass goes to quarantine with the reason. */
  readonly record: Schema;
  /** Validates the checkpoint when it comes back from the database. Absent: the step has none. */
  readonly checkpoint?: z.ZodType<Checkpoint>;
  /**
   * Yields the pages of the upstream. Runs on to the next `yield` while the page before is being stored, so after a `yield` the page may not
   * be stored yet; it is after a page without records (`checkpointOnly`) or with a listing. What it reads of `store` waits until everything
   * that it yielded is stored. What it throws ends the step once the page before is stored. `LOAD_OVERLAP=off`: it always waits.
   */
  extract(
    context: ExtractContext<Config, NoInfer<Checkpoint>, Session>,
  ): AsyncIterable<ExtractedPage<NoInfer<Checkpoint>>>;
  /** Pure. Makes the document, or documents, from a record. If it throws, the record is quarantined. */
  transform(
    record: z.output<Schema>,
    context: TransformContext<Config>,
  ): StepDocument | readonly StepDocument[];
}

/** A step as the pipeline sees it: record and checkpoint types are sealed inside. */
export interface Step<Config, Session = unknown> extends Omit<StepTraits<Config>, "collection"> {
  readonly collection?: string | { readonly setting: string };
  extract(context: ExtractContext<Config, unknown, Session>): AsyncIterable<ExtractedPage<CheckpointValue>>;
  /** Validates and transforms one raw record. Throws if the record is invalid. */
  process(raw: unknown, context: TransformContext<Config>): readonly StepDocument[];
}

/** Declares a step with the types of the connector's settings and session. */
export type DefineStep<Config, Session> = <
  Schema extends z.ZodType,
  Checkpoint extends CheckpointValue = never,
>(
  definition: StepDefinition<Config, Schema, Checkpoint, Session>,
) => Step<Config, Session>;

/** An option of the command line that applies to one run. */
export type RunOption<Config> = SingleOption<Config> | ListOption<Config>;

interface SingleOption<Config> {
  /** The value as shown in `--help`: `<file>` if it is required, `[file]` if it is optional. Absent: the option takes no value. */
  readonly value?: `<${string}>` | `[${string}]`;
  readonly values?: never;
  /** One line for `--help`. */
  readonly summary: string;
  /**
   * Returns the settings for a run with this option. Pure, except that it may read files.
   *
   * @param value what the user passed; true if the option was given without a value
   * @throws OptionError that says what is wrong with the value
   */
  apply(config: Config, value: string | true, context: OptionContext): Config;
}

/** An option with one value or more: `--bundle a.json b.json`, or `--bundle a.json --bundle b.json`. */
interface ListOption<Config> {
  /** The values as shown in `--help`. */
  readonly values: `<${string}...>`;
  readonly value?: never;
  /** One line for `--help`. */
  readonly summary: string;
  /**
   * As that of an option with one value.
   *
   * @param values what the user passed, in its order; at least one
   * @throws OptionError that says what is wrong with them
   */
  apply(config: Config, values: readonly string[], context: OptionContext): Config;
}

export interface OptionContext {
  /**
   * The absolute path of a file that the user named: relative to the folder where the command was typed; `~` is the home folder.
   *
   * @throws OptionError if the path is invalid on this machine
   */
  resolvePath(path: string): string;
}

/**
 * The value of an option is invalid. The message continues a sentence that starts with the name of the option, such as
 * `must be a day, such as 2026-11-01`.
 */
export class OptionError extends Error {
  override readonly name = "OptionError";
}

/** The newest release of a data set that is stored. */
export interface NewestRelease {
  /** Stays the same from one release to the next, such as the id of a collection. */
  readonly id: string;
  /** Such as `Enterprise ATT&CK`. */
  readonly name: string;
  /** Such as `18.1`. */
  readonly version: string;
  /**
   * Counts what changed since another release, such as `{ added: 12, modified: 40 }`. undefined: that release is not stored, or not as a
   * whole.
   */
  countChanges(since: string): Promise<Facts | undefined>;
}

/** What `check` gets. */
export interface CheckContext<Config> {
  readonly config: Config;
  /** Does not retry, and takes nothing from the request budget. */
  readonly http: HttpClient;
}

/** What a connector declares, apart from what its steps share. */
interface ConnectorTraits<Schema extends z.ZodObject> {
  readonly name: string;
  /** One line for `--help`. */
  readonly summary: string;
  /**
   * The settings: an object schema whose keys are names of environment variables. `describe` texts become help
   * texts; the value of a field with `.meta({ secret: true })` is redacted in all output.
   */
  readonly config: Schema;
  /** By name: `{ sample: … }` is `--sample`. If several connectors have an option of the same name, it applies to each of them. */
  readonly options?: Readonly<Record<string, RunOption<z.output<Schema>>>>;
  /** Runs the connector without network access. Absent: demos skip the connector. */
  readonly demo?: Demo;
  /** One line that says why the connector cannot run with these settings and what to do about it. */
  skipReason?(config: z.output<Schema>): string | undefined;
  /**
   * One line that says why a run with these settings loads only a sample, such as `ACME_MAX_ITEMS is set`: then it does not count as a
   * complete load when people ask how old the data is.
   */
  sampleReason?(config: z.output<Schema>): string | undefined;
  /** Budget and headers of every request that this connector sends. */
  http?(config: z.output<Schema>): HttpSettings;
  /**
   * The newest stored release of each data set, for upstreams that publish releases: users are notified when another one was loaded. Called
   * before a run and after a successful one, so it should read little. Absent: the upstream has no releases.
   */
  findNewestReleases?(store: StoreReader): Promise<readonly NewestRelease[]>;
  /**
   * Checks the address and the key for the command `doctor`, with one cheap request. Throws as
   * `extract` does. Absent: `doctor` gets the address in the setting that `http` names as `urlSetting`.
   *
   * @returns what the answer shows, such as `the key is valid`
   */
  check?(context: CheckContext<z.output<Schema>>): Promise<string>;
}

export interface ConnectorDefinition<Schema extends z.ZodObject, Session = undefined>
  extends ConnectorTraits<Schema> {
  /** Opens what the steps of a run share, at the first call of `session()`. If it throws, that step fails. */
  open?(context: OpenContext<z.output<Schema>>): Session | Promise<Session>;
  /** Closes what `open` returned, however the run ends. What it throws is logged. */
  close?(session: NoInfer<Session>): void | Promise<void>;
  /** In the order in which they run. Declare them here with `step`, or in other files with `stepFor`. */
  readonly steps:
    | readonly Step<z.output<Schema>, NoInfer<Session>>[]
    | ((define: {
        readonly step: DefineStep<z.output<Schema>, NoInfer<Session>>;
      }) => readonly Step<z.output<Schema>, NoInfer<Session>>[]);
}

/** A connector as the pipeline sees it: the type of its session is sealed inside. */
export interface Connector<Schema extends z.ZodObject = z.ZodObject> extends ConnectorTraits<Schema> {
  open?(context: OpenContext<z.output<Schema>>): unknown;
  close?(session: unknown): void | Promise<void>;
  readonly steps: readonly Step<z.output<Schema>>[];
}
