import { createHash, timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { answerProblem } from "../answers/problem.js";

const challenge = 'Basic realm="cti-connectors", charset="UTF-8", Bearer realm="cti-connectors"';

/** Answers only who sends the token: as bearer, or as the password of any user (Basic), which browsers ask for. */
export function requireToken(token: string): MiddlewareHandler {
  const expected = digest(token);
  return async (context, next) => {
    const sent = tokenIn(context.req.header("authorization"));
    // Digests have one length, whatever was sent.
    return sent !== undefined && timingSafeEqual(digest(sent), expected)
      ? next()
      : answerProblem(context, 401, "Send the server's token as bearer, or as the password of any user.", {
          "www-authenticate": challenge,
        });
  };
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function tokenIn(header = ""): string | undefined {
  const [, scheme = "", value = ""] = /^(\S+) +(\S+)$/.exec(header) ?? [];
  if (scheme.toLowerCase() === "bearer") {
    return value;
  }
  const pair = Buffer.from(value, "base64").toString("utf8");
  return scheme.toLowerCase() === "basic" ? pair.slice(pair.indexOf(":") + 1) : undefined;
}
