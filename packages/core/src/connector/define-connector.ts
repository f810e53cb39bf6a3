import type { z } from "zod";
import type { JsonValue } from "../json/json.js";
import type {
  Connector,
  ConnectorDefinition,
  ExtractContext,
  ExtractedPage,
  LoadDocument,
  Step,
  StepDefinition,
  StoredContent,
  StoreReader,
  TransformContext,
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
>(definition: StepDefinition<Config, Schema, Checkpoint, Session>): Step<Config, Session> {
  return {
    name: definition.name,
    summary: definition.summary,
    ...(definition.needs !== undefined && { needs: definition.needs }),
    checkpointScope: definition.checkpointScope ?? "lasting",
    collections: (config) => definition.collections(config),
    extract(context: ExtractContext<Config, unknown, Session>): AsyncIterable<ExtractedPage<JsonValue>> {
      const saved = definition.checkpoint?.safeParse(context.checkpoint);
      if (context.checkpoint !== undefined && saved?.success === false) {
        context.log.warn(
          { step: definition.name },
          "the saved checkpoint does not fit this version: starting over",
        );
      }
      return definition.extract({ ...context, checkpoint: saved?.success ? saved.data : undefined });
    },
    process(raw: unknown, context: TransformContext<Config>): readonly LoadDocument[] {
      return definition.transform(definition.record.parse(raw), context);
    },
    ...(definition.reconcile !== undefined && {
      reconcile: (document: LoadDocument, stored: StoredContent) =>
        definition.reconcile?.(document, stored) ?? document,
    }),
    ...(definition.findRemoval !== undefined && {
      findRemoval: async (document: LoadDocument, store: StoreReader) =>
        definition.findRemoval?.(document, store),
    }),
  };
}
