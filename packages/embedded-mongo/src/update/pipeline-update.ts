import { compileStages, readStage } from "../aggregation/compile-pipeline.js";
import { runStages } from "../aggregation/stage.js";
import { wholeDocument } from "../bson/raw-value.js";
import { CommandError } from "../errors/command-error.js";
import type { CommandVariables } from "../expressions/command-variables.js";
import { withoutPauses } from "../records/pause.js";

const STAGES = new Set(["$addFields", "$set", "$project", "$unset", "$replaceRoot", "$replaceWith"]);

/** An update that is an aggregation pipeline, whose stages make one document of each. */
export function compilePipelineUpdate(
  stages: readonly Buffer[],
  { context, values }: CommandVariables,
): (before: Buffer) => Buffer {
  const specs = stages.map(wholeDocument);
  const forbidden = specs.map((spec) => readStage(spec)[0]).find((name) => !STAGES.has(name));
  if (forbidden !== undefined) {
    throw new CommandError("InvalidOptions", `${forbidden} is not allowed to be used within an update`);
  }
  const compiled = compileStages(specs, { expressions: context, find: () => [] });
  return (before) => {
    const [after = before] = withoutPauses(runStages([before], compiled, values));
    return after.equals(before) ? before : after;
  };
}
