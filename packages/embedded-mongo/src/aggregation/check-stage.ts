import { isDocument, isOperatorObject } from "../bson/bson-document.js";
import { CommandError } from "../errors/command-error.js";

/** What MongoDB refuses before it runs a stage, where mingo would not. */
export function checkArgument(name: string, argument: unknown): void {
  switch (name) {
    case "$limit":
      if (typeof argument === "number" && argument <= 0) {
        throw new CommandError("Location15958", "the limit must be positive");
      }
      break;
    case "$group":
      checkGroup(argument);
      break;
    case "$unwind":
      checkUnwind(argument);
      break;
    case "$project":
      if (isDocument(argument) && Object.keys(argument).length === 0) {
        throw new CommandError(
          "Location51272",
          "Invalid $project :: caused by :: projection specification must have at least one field",
        );
      }
      break;
    case "$lookup":
      if (!isDocument(argument) || typeof argument.as !== "string") {
        throw new CommandError("FailedToParse", "must specify 'as' field for a $lookup");
      }
      break;
  }
}

function checkGroup(argument: unknown): void {
  if (!isDocument(argument)) {
    throw new CommandError("Location15947", "a group's fields must be specified in an object");
  }
  if (!("_id" in argument)) {
    throw new CommandError("Location15955", "a group specification must include an _id");
  }
  for (const [field, accumulator] of Object.entries(argument)) {
    if (field !== "_id" && !(isOperatorObject(accumulator) && Object.keys(accumulator).length === 1)) {
      throw new CommandError("Location40234", `The field '${field}' must be an accumulator object`);
    }
  }
}

function checkUnwind(argument: unknown): void {
  const path = isDocument(argument) ? argument.path : argument;
  if (typeof path !== "string" || !path.startsWith("$")) {
    throw new CommandError(
      "Location28818",
      `path option to $unwind stage should be prefixed with a '$': ${String(path)}`,
    );
  }
}
