import type { Context } from "hono";
import type { ZodError } from "zod";
import { answerProblem } from "../answers/problem.js";

/** What a validator says of a part of a request. */
interface Validated {
  readonly target: string;
  readonly success: boolean;
  readonly error?: ZodError;
}

/** Refuses a request whose path or query is not what the schemas expect. */
export function refuseInvalid({ target, error }: Validated, context: Context): Response | undefined {
  if (error === undefined) {
    return undefined;
  }
  const faults = error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join(".")}: ${message}`,
  );
  return answerProblem(context, target === "param" ? 404 : 400, `${faults.join("; ")}.`);
}
