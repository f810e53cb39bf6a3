import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Context, MiddlewareHandler } from "hono";
import { delayAnswer } from "./delay-answer.js";
import { gatewayPage } from "./gateway-page.js";
import type { UpstreamEnv } from "./upstream-env.js";

/** The answer to the next matching request. */
export interface Fault {
  readonly upstream: "taxii" | "threatfox";
  /** Only requests whose path and query (as sent, or percent-decoded) contain this; absent: any. */
  readonly path?: string | undefined;
  /** How many matching requests are answered as usual before. Default 0. */
  readonly skip?: number;
  /** How many matching requests get it. Default 1. */
  readonly times?: number;
  readonly answer:
    | {
        readonly kind: "status";
        readonly status: number;
        readonly headers?: Readonly<Record<string, string>>;
        readonly body?: string;
      }
    /** The body a gateway sends: HTML. */
    | { readonly kind: "html"; readonly status: number }
    | { readonly kind: "malformed-json" }
    /** The connection is cut before the answer. */
    | { readonly kind: "disconnect" }
    /** The connection is cut in the middle of the body. */
    | { readonly kind: "truncate" }
    | { readonly kind: "delay"; readonly delayMs: number };
}

interface PendingFault {
  readonly fault: Fault;
  skip: number;
  times: number;
  taken: number;
}

/** @see createFaultQueue */
export type FaultQueue = ReturnType<typeof createFaultQueue>;

/** Faults are used up in the order in which they were added. */
export function createFaultQueue() {
  const pending: PendingFault[] = [];
  return {
    /** Returns what takes it back, and says how many requests got it. */
    add(fault: Fault): () => number {
      const added: PendingFault = { fault, skip: fault.skip ?? 0, times: fault.times ?? 1, taken: 0 };
      pending.push(added);
      return () => {
        added.times = 0;
        return added.taken;
      };
    },
    /** The answer that this request gets instead of its own; undefined: its own. */
    take(upstream: Fault["upstream"], url: string): Fault["answer"] | undefined {
      const found = pending.find(
        ({ fault, times }) => times > 0 && fault.upstream === upstream && contains(url, fault.path),
      );
      if (found === undefined) {
        return undefined;
      }
      if (found.skip > 0) {
        found.skip -= 1;
        return undefined;
      }
      found.times -= 1;
      found.taken += 1;
      if (found.times === 0) {
        pending.splice(pending.indexOf(found), 1);
      }
      return found.fault.answer;
    },
  };
}

function contains(url: string, part: string | undefined): boolean {
  return part === undefined || url.includes(part) || decoded(url).includes(part);
}

function decoded(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}

/**
 * @param closing aborted when the sandbox closes: an answer that is being delayed is then dropped
 */
export function injectFaults(
  upstream: Fault["upstream"],
  faults: FaultQueue,
  closing: AbortSignal,
): MiddlewareHandler<UpstreamEnv> {
  return async (c, next) => {
    const answer = faults.take(upstream, c.var.logged.url);
    switch (answer?.kind) {
      case undefined:
        return next();
      case "status":
        return new Response(answer.body ?? null, {
          status: answer.status,
          headers: { ...answer.headers },
        });
      case "html":
        return gatewayPage(answer.status);
      case "malformed-json":
        return new Response('{"more": true, "objects": [{"id": "attack-pattern--', {
          headers: { "content-type": contentTypes[upstream] },
        });
      case "disconnect":
        c.env.incoming.socket.destroy();
        return RESPONSE_ALREADY_SENT;
      case "truncate":
        await next();
        await sendHalf(c);
        // Hono merges an answer that replaces another, unless there is none for a moment.
        c.res = undefined;
        c.res = RESPONSE_ALREADY_SENT;
        return undefined;
      case "delay":
        return (await delayAnswer(answer.delayMs, { closing, hungUp: c.req.raw.signal }))
          ? next()
          : RESPONSE_ALREADY_SENT;
    }
  };
}

const contentTypes = {
  taxii: "application/taxii+json;version=2.1",
  threatfox: "application/json",
} as const satisfies Record<Fault["upstream"], string>;

/** Sends the head of the answer and half of its body, then cuts the connection. */
async function sendHalf(c: Context<UpstreamEnv>): Promise<void> {
  const body = Buffer.from(await c.res.arrayBuffer());
  const { outgoing } = c.env;
  const half = body.subarray(0, Math.floor(body.length / 2));
  c.var.logged.status = c.res.status;
  c.var.logged.responseBytes = half.length;
  outgoing.writeHead(c.res.status, {
    ...Object.fromEntries(c.res.headers),
    "content-length": String(body.length),
  });
  await new Promise<void>((resolve) => {
    outgoing.write(half, () => resolve());
  });
  outgoing.destroy();
}
