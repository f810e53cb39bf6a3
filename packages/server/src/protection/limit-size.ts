import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { answerProblem } from "../answers/problem.js";

const longestUrl = 8_192;
const largestBodyMb = 2;

/** Answers 414 to longer addresses. */
export const limitUrl: MiddlewareHandler = async (context, next) => {
  const { length } = context.req.url;
  return length <= longestUrl
    ? next()
    : answerProblem(context, 414, `The address has ${length} characters: at most ${longestUrl}.`);
};

/** Answers 413 to larger bodies. */
export const limitBody: MiddlewareHandler = bodyLimit({
  maxSize: largestBodyMb * 1024 * 1024,
  onError: (context) =>
    answerProblem(context, 413, `The body is larger than ${largestBodyMb} MB: send less at once.`),
});
