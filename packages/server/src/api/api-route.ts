import type { StoreReader } from "@cti-connectors/core";
import type { WorkLimit } from "@cti-connectors/taxii-server";
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { z } from "zod";
import { problemJson } from "../answers/problem-json.js";

/** What is known of a request before its route answers it. */
export interface ApiEnv {
  readonly Variables: {
    /** Stops reading when the client hangs up or the time is over. */
    readonly store: StoreReader;
    /** For what is read while the answer is sent. */
    readonly limit: WorkLimit;
    /** The time of the request. */
    readonly now: Date;
  };
}
export type Api = OpenAPIHono<ApiEnv>;

/** Where routes find what settings can name. */
export interface ApiCollections {
  readonly iocs: string;
  readonly vulnerabilities: string;
}

const json = <Schema extends z.ZodType>(schema: Schema) => ({ "application/json": { schema } }) as const;

/** The answers of a route: JSON of a schema, or a problem. */
export function answersWith<Schema extends z.ZodType>(schema: Schema, description: string) {
  return {
    200: { description, content: json(schema) },
    default: {
      description: "why there is no answer",
      content: { "application/problem+json": { schema: problemJson } },
    },
  } as const;
}
