import { compileStages, readStage, stageNamed } from "../aggregation/compile-pipeline.js";
import { runStages } from "../aggregation/stage.js";
import { BsonType } from "../bson/bson-type.js";
import { elementValues, type RawValue } from "../bson/raw-value.js";
import { CommandError } from "../errors/command-error.js";
import type { CommandVariables } from "../expressions/command-variables.js";
import { withoutPauses } from "../records/pause.js";

const STAGES = new Set(["$addFields", "$set", "$project", "$unset", "$replaceRoot", "$replaceWith"]);

/** The names of a pipeline's stages. @throws CommandError if something is not a stage */
export function stageNames(pipeline: RawValue): string[] {
  return elementValues(pipeline).map((stage) => {
    if (stage.type !== BsonType.document) {
      throw new CommandError("TypeMismatch", "Each element of the 'pipeline' array must be an object");
    }
    const [name] = readStage(stage);
    // It is compiled with the stages after it.
    if (name !== "$sort") {
      stageNamed(name);
    }
    return name;
  });
}

/** An update that is an aggregation pipeline, whose stages return one document for each. */
export function compilePipelineUpdate(
  pipeline: RawValue,
  { context, values }: CommandVariables,
): (before: Buffer) => Buffer {
  const forbidden = stageNames(pipeline).find((name) => !STAGES.has(name));
  if (forbidden !== undefined) {
    throw new CommandError("InvalidOptions", `${forbidden} is not allowed to be used within an update`);
  }
  const compiled = compileStages(elementValues(pipeline), { expressions: context, find: () => [] });
  return (before) => {
    const [after = before] = withoutPauses(runStages([before], compiled, values));
    return after.equals(before) ? before : after;
  };
}
