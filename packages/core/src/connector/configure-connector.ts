import type { z } from "zod";
import { secretValues } from "../config/secret-values.js";
import type { HttpClient, HttpSettings } from "../http/http-client.js";
import { isDistinctive } from "../secrets/secret-matcher.js";
import { secretsInHeaders } from "../secrets/secrets-in-headers.js";
import {
  type CheckpointValue,
  type CollectionSpec,
  type Connector,
  type ExtractContext,
  type ExtractedPage,
  type LoadDocument,
  type NewestRelease,
  type OpenContext,
  type OptionContext,
  OptionError,
  type RunOption,
  type Step,
  type StepDocument,
  type StepTraits,
  type StoreReader,
} from "./connector.js";
import { pathsFrom } from "./paths-from.js";

/** A step with its settings sealed inside. */
export interface ConfiguredStep
  extends Pick<
    StepTraits<never>,
    "name" | "summary" | "needs" | "checkpointScope" | "reconcile" | "findRemoval" | "restore"
  > {
  /** The one that belongs to the step, which comes first, and those that it shares. */
  readonly collections: readonly CollectionSpec[];
  /** The one that belongs to the step. */
  readonly collection: CollectionSpec | undefined;
  extract(
    context: Omit<ExtractContext<never, unknown>, "config">,
  ): AsyncIterable<ExtractedPage<CheckpointValue>>;
  /** Validates and transforms one raw record. Throws where the record cannot be understood. */
  process(raw: unknown): readonly LoadDocument[];
}

/** A connector with its settings sealed inside: ready to run. */
export interface ConfiguredConnector {
  readonly name: string;
  readonly summary: string;
  /** Why it cannot run with these settings, and what to do about it. */
  readonly skipReason: string | undefined;
  /** Why it loads only a sample with these settings. Absent: it loads everything. */
  readonly sampleReason?: string;
  readonly http: HttpSettings;
  /** What must never be shown: values of its settings, and what its headers make of them. */
  readonly secrets: readonly string[];
  /** Settings whose secret cannot be told from ordinary data, so that it is not looked for in documents. */
  readonly weakSecrets: readonly string[];
  /** Absent: a GET of its address shows as much. */
  check?(this: void, http: HttpClient): Promise<string>;
  /** Absent: its steps share nothing. */
  open?(context: Omit<OpenContext<never>, "config">): unknown;
  /** Absent: what was opened needs no closing. */
  close?(session: unknown): void | Promise<void>;
  /** Absent: the upstream has no releases. */
  findNewestReleases?(store: StoreReader): Promise<readonly NewestRelease[]>;
  readonly steps: readonly ConfiguredStep[];
}

/** What a person asked of a run, by name of the option: its value or values; true where it was given without one. */
export type RunOptionValues = Readonly<Record<string, string | true | readonly string[]>>;

/**
 * Puts a connector and its settings together, so that connectors of different settings can stand in one list.
 *
 * @param config what `parseConfig(connector.config, environment)` returned
 * @param options those that the connector does not have are ignored
 * @throws OptionError that names the option whose value cannot be used
 */
export function configureConnector<Schema extends z.ZodObject>(
  connector: Connector<Schema>,
  config: z.output<Schema>,
  options: RunOptionValues = {},
  context: OptionContext = pathsFrom("."),
): ConfiguredConnector {
  const settings = applyOptions(connector, config, options, context);
  const http = connector.http?.(settings) ?? {};
  const sampleReason = connector.sampleReason?.(settings);
  const check = connector.check?.bind(connector);
  const collections = new Map(
    connector.steps.map((step) => [step.name, collectionOf(step, settings)] as const),
  );
  return {
    name: connector.name,
    summary: connector.summary,
    skipReason: connector.skipReason?.(settings),
    ...(sampleReason !== undefined && { sampleReason }),
    http,
    secrets: [
      ...secretValues(connector.config, settings),
      ...secretsInHeaders(http.headers, { allSecret: true }),
    ],
    weakSecrets: weakSecretsOf(connector.config, settings),
    ...(check !== undefined && { check: (client: HttpClient) => check({ config: settings, http: client }) }),
    ...(connector.open !== undefined && {
      open: (context) => connector.open?.({ ...context, config: settings }),
    }),
    ...(connector.close !== undefined && { close: (session) => connector.close?.(session) }),
    ...(connector.findNewestReleases && { findNewestReleases: connector.findNewestReleases }),
    steps: connector.steps.map((step) => configureStep(step, settings, collections)),
  };
}

function applyOptions<Schema extends z.ZodObject>(
  { options: known = {} }: Connector<Schema>,
  config: z.output<Schema>,
  options: RunOptionValues,
  context: OptionContext,
): z.output<Schema> {
  return Object.entries(options).reduce((settings, [name, value]) => {
    try {
      const option = Object.hasOwn(known, name) ? known[name] : undefined;
      return option === undefined ? settings : applyOption(option, settings, value, context);
    } catch (error) {
      throw error instanceof OptionError
        ? new OptionError(`--${name} ${error.message}`, { cause: error })
        : error;
    }
  }, config);
}

function applyOption<Config>(
  option: RunOption<Config>,
  config: Config,
  value: RunOptionValues[string],
  context: OptionContext,
): Config {
  if (option.values !== undefined) {
    if (value === true || value.length === 0) {
      throw new OptionError("must be followed by a value");
    }
    return option.apply(config, typeof value === "string" ? [value] : value, context);
  }
  if (typeof value === "object") {
    throw new OptionError("takes one value");
  }
  return option.apply(config, value, context);
}

function weakSecretsOf(schema: z.ZodObject, config: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(config).flatMap(([name, value]) => {
    const values = secretValues(schema, { [name]: value });
    return values.length > 0 && !values.every(isDistinctive) ? [name] : [];
  });
}

/** The collection that belongs to a step. */
function collectionOf<Config extends Readonly<Record<string, unknown>>>(
  { collection, indexes = [], keepsHistory = false }: Step<Config>,
  config: Config,
): CollectionSpec | undefined {
  if (collection === undefined) {
    return undefined;
  }
  const setting = typeof collection === "string" ? undefined : collection.setting;
  return {
    name: typeof collection === "string" ? collection : String(config[collection.setting]),
    ...(setting !== undefined && { nameSetting: setting }),
    indexes: typeof indexes === "function" ? indexes(config) : indexes,
    keepsHistory,
  };
}

function configureStep<Config>(
  step: Step<Config>,
  config: Config,
  collectionsOfSteps: ReadonlyMap<string, CollectionSpec | undefined>,
): ConfiguredStep {
  const { name, summary, needs, checkpointScope, reconcile, findRemoval, restore } = step;
  const { sharesCollectionsOf = [] } = step;
  const collection = collectionsOfSteps.get(name);
  const collections = [
    collection,
    ...sharesCollectionsOf.map((other) => collectionsOfSteps.get(other)),
  ].filter((spec) => spec !== undefined);
  return {
    ...{ name, summary, collection, collections },
    ...(needs && { needs }),
    ...(checkpointScope && { checkpointScope }),
    ...(reconcile && { reconcile }),
    ...(findRemoval && { findRemoval }),
    ...(restore && { restore }),
    extract: (context) => step.extract({ ...context, config }),
    process: (raw) =>
      step.process(raw, { config }).map((document) => complete(document, raw, { collection, collections })),
  };
}

/** @throws Error where the document has no `_id` that is a text, or the step does not load into its collection */
function complete(
  document: StepDocument,
  raw: unknown,
  { collection, collections }: Pick<ConfiguredStep, "collection" | "collections">,
): LoadDocument {
  // The compiler lets through what a schema such as z.any() makes: the database would make up an _id anew in every run.
  if (typeof document?._id !== "string") {
    throw new Error(
      "transform returned a document whose _id is not a string: convert numbers to strings, and do not declare transform as async",
    );
  }
  const name = document.collection ?? collection?.name;
  if (name === undefined || collections.every((spec) => spec.name !== name)) {
    const known = collections.map((spec) => spec.name).join(", ");
    throw new Error(
      `transform returned a document ${name === undefined ? "without a collection" : `for the collection ${name}`}, but the step loads into ${known}`,
    );
  }
  const data = document.data === undefined ? raw : document.data;
  return { ...document, enriched: document.enriched ?? {}, collection: name, data };
}
