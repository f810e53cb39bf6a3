import type { Context, MiddlewareHandler } from "hono";
import { z } from "zod";
import { answerProblem } from "../answers/problem.js";

export interface RequestRate {
  /** How many requests a client may send in a row. */
  readonly burst: number;
  /** How many requests it may send on and on. */
  readonly perSecond: number;
}

/** What is left of a client's requests. */
interface Bucket {
  left: number;
  at: number;
}

/** Addresses that are remembered. More at once: the one that was silent for longest begins anew. */
const mostClients = 10_000;

/** Answers 429 to a client that asks too often, with the time after which to ask again. A client is an address. */
export function limitRate({ burst, perSecond }: RequestRate, now: () => Date): MiddlewareHandler {
  const buckets = new Map<string, Bucket>();
  return async (context, next) => {
    const client = addressOf(context);
    const at = now().getTime();
    const known = buckets.get(client) ?? { left: burst, at };
    const left = Math.min(burst, known.left + (Math.max(0, at - known.at) / 1000) * perSecond);
    buckets.delete(client);
    buckets.set(client, { left: left < 1 ? left : left - 1, at });
    const [oldest] = buckets.size > mostClients ? buckets.keys() : [];
    if (oldest !== undefined) {
      buckets.delete(oldest);
    }
    if (left >= 1) {
      return next();
    }
    const seconds = Math.ceil((1 - left) / perSecond);
    return answerProblem(context, 429, `Too many requests: ask again in ${seconds} s.`, {
      "retry-after": String(seconds),
    });
  };
}

const connection = z.object({ incoming: z.object({ socket: z.object({ remoteAddress: z.string() }) }) });

/** As `@hono/node-server` gives it. */
function addressOf({ env }: Context): string {
  return connection.safeParse(env).data?.incoming.socket.remoteAddress ?? "";
}
