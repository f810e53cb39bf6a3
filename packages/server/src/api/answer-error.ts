import type { Logger } from "@cti-connectors/core";
import { StoreError } from "@cti-connectors/core/host";
import { UnknownReleaseError } from "@cti-connectors/mitre-taxii";
import { LayerSubjectError } from "@cti-connectors/pivot";
import type { Context } from "hono";
import { answerProblem, ProblemError } from "../answers/problem.js";
import { StillCountingError } from "../reading/remember-days.js";

/** Answers what a request has failed with. What is no fault of the request is logged, and its details stay here. */
export function answerError(error: Error, context: Context, log: Logger): Response {
  if (error instanceof ProblemError) {
    return answerProblem(context, error.status, error.message);
  }
  if (error instanceof UnknownReleaseError || error instanceof LayerSubjectError) {
    return answerProblem(context, 404, error.message);
  }
  if (error instanceof StillCountingError) {
    const detail =
      "The IOCs of these days are counted for the first time since they changed: ask again in a moment.";
    return answerProblem(context, 503, detail, { "retry-after": "2" });
  }
  if (context.req.raw.signal.aborted) {
    return answerProblem(context, 503, "The client has hung up.");
  }
  if (error.name === "TimeoutError") {
    return answerProblem(context, 504, "The answer takes too long: ask for less, or again later.");
  }
  log.error({ err: error, path: context.req.path }, "a request failed");
  return error instanceof StoreError
    ? answerProblem(
        context,
        503,
        "The database does not answer as it should: try again; the server's log says why.",
      )
    : answerProblem(context, 500, "The server has a fault: its log says which.");
}
