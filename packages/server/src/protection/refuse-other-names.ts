import { isIP } from "node:net";
import type { MiddlewareHandler } from "hono";
import { answerProblem } from "../answers/problem.js";

/**
 * A web page can have its own name lead to this machine (DNS rebinding), and would read what only this machine should. Who asks by an
 * address or as `localhost` is no such page.
 */
export const refuseOtherNames: MiddlewareHandler = async (context, next) => {
  const name = new URL(context.req.url).hostname.replace(/^\[(.*)\]$/, "$1");
  return isIP(name) > 0 || /^(?:.+\.)?localhost$/.test(name)
    ? next()
    : answerProblem(context, 421, `This port serves only this machine: use localhost instead of ${name}.`);
};
