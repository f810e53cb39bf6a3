import type { z } from "zod";
import { secretValues } from "../config/secret-values.js";
import type { HttpSettings } from "../http/http-client.js";
import type { JsonValue } from "../json/json.js";
import { isDistinctive } from "../secrets/secret-matcher.js";
import { secretsInHeaders } from "../secrets/secrets-in-headers.js";
import type {
  CollectionSpec,
  Connector,
  ConnectorDefinition,
  ExtractContext,
  ExtractedPage,
  LoadDocument,
  OpenContext,
  Step,
  StepDefinition,
  StepTraits,
} from "./connector.js";

/** Declares a connector. Its steps run in the order given, and get the session that its `open` returns. */
export function defineConnector<Schema extends z.ZodObject, Session = undefined>(
  definition: ConnectorDefinition<Schema, Session>,
): Connector<Schema> {
  return definition;
}

/**
 * Declares a step: extract pages, validate and transform their records, load the documents. A step that asks for the session says what it
 * is: `extract(context: ExtractContext<Config, Checkpoint, Session>)`.
 */
export function defineStep<
  Config,
  Schema extends z.ZodType,
  Checkpoint extends JsonValue = never,
  Session = unknown,
>({
  record,
  checkpoint,
  extract,
  transform,
  ...traits
}: StepDefinition<Config, Schema, Checkpoint, Session>): Step<Config, Session> {
  return {
    ...traits,
    extract(context) {
      const saved = checkpoint?.safeParse(context.checkpoint);
      if (context.checkpoint !== undefined && saved?.success === false) {
        context.log.warn(
          { step: traits.name },
          "the saved checkpoint does not fit this version: starting over",
        );
      }
      return extract({ ...context, checkpoint: saved?.success ? saved.data : undefined });
    },
    process: (raw, context) => transform(record.parse(raw), context),
  };
}

/** A step with its settings sealed inside. */
export interface ConfiguredStep extends Omit<StepTraits<never>, "collections"> {
  readonly collections: readonly CollectionSpec[];
  extract(context: Omit<ExtractContext<never, unknown>, "config">): AsyncIterable<ExtractedPage<JsonValue>>;
  /** Validates and transforms one raw record. Throws where the record cannot be understood. */
  process(raw: unknown): readonly LoadDocument[];
}

/** A connector with its settings sealed inside: ready to run. */
export interface ConfiguredConnector {
  readonly name: string;
  readonly summary: string;
  /** Why it cannot run with these settings, and what to do about it. */
  readonly skipReason: string | undefined;
  readonly http: HttpSettings;
  /** What must never be shown: values of its settings, and what its headers make of them. */
  readonly secrets: readonly string[];
  /** Settings whose secret cannot be told from ordinary data, so that it is not looked for in documents. */
  readonly weakSecrets: readonly string[];
  /** Absent: its steps share nothing. */
  open?(context: Omit<OpenContext<never>, "config">): unknown;
  /** Absent: what was opened needs no closing. */
  close?(session: unknown): void | Promise<void>;
  readonly steps: readonly ConfiguredStep[];
}

/**
 * Puts a connector and its settings together, so that connectors of different settings can stand in one list.
 *
 * @param config what `parseConfig(connector.config, environment)` returned
 */
export function configureConnector<Schema extends z.ZodObject>(
  connector: Connector<Schema>,
  config: z.output<Schema>,
): ConfiguredConnector {
  const http = connector.http?.(config) ?? {};
  return {
    name: connector.name,
    summary: connector.summary,
    skipReason: connector.skipReason?.(config),
    http,
    secrets: [
      ...secretValues(connector.config, config),
      ...secretsInHeaders(http.headers, { allSecret: true }),
    ],
    weakSecrets: weakSecretsOf(connector.config, config),
    ...(connector.open !== undefined && { open: (context) => connector.open?.({ ...context, config }) }),
    ...(connector.close !== undefined && { close: (session) => connector.close?.(session) }),
    steps: connector.steps.map((step) => configureStep(step, config)),
  };
}

function weakSecretsOf(schema: z.ZodObject, config: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(config).flatMap(([name, value]) => {
    const values = secretValues(schema, { [name]: value });
    return values.length > 0 && !values.every(isDistinctive) ? [name] : [];
  });
}

function configureStep<Config>(step: Step<Config>, config: Config): ConfiguredStep {
  return {
    ...step,
    collections: step.collections(config),
    extract: (context) => step.extract({ ...context, config }),
    process: (raw) => step.process(raw, { config }),
  };
}
