import { Hono } from "hono";
import { listen } from "./listen.js";
import type { UpstreamEnv } from "./upstream-env.js";

/** Answers one HTTP request. */
export type AnswerRequest = (request: Request) => Response | Promise<Response>;

/** A server on 127.0.0.1. */
export interface LoopbackServer {
  /** Ends in `/`. */
  readonly url: string;
  /** Stops listening and cuts open connections. May be called again. */
  close(): Promise<void>;
}

/**
 * Serves a function on any free port of 127.0.0.1.
 *
 * @param answer an error that it throws becomes a 500 with the error's message as its text
 */
export async function serveOnLoopback(answer: AnswerRequest): Promise<LoopbackServer> {
  const app = new Hono<UpstreamEnv>().all("*", ({ req }) => answer(req.raw));
  app.onError(({ message }) => new Response(message, { status: 500 }));
  const { origin, close } = await listen(app, 0);
  return { url: `${origin}/`, close };
}
