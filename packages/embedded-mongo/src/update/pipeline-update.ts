import { runStages } from "../aggregation/run-stages.js";
import { decodePlain, encode } from "../bson/bson-codec.js";
import { isDocument, type PlainDocument } from "../bson/bson-document.js";
import { restoreTypes } from "../bson/restore-types.js";
import { decodeWithTypes, typedOf } from "../bson/typed-document.js";
import { badValue, CommandError } from "../errors/command-error.js";

const STAGES = new Set(["$addFields", "$set", "$project", "$unset", "$replaceRoot", "$replaceWith"]);

/** An update that is an aggregation pipeline. */
export function compilePipelineUpdate(
  stages: readonly Buffer[],
  variables: PlainDocument | undefined,
): (before: Buffer) => Buffer {
  const pipeline = stages.map((stage) => {
    const decoded = decodePlain(stage);
    const [name] = Object.keys(decoded);
    if (name === undefined || !STAGES.has(name)) {
      throw new CommandError(
        name !== undefined && !name.startsWith("$") ? "Location40324" : "InvalidOptions",
        `${name ?? "{}"} is not allowed to be used within an update`,
      );
    }
    return decoded;
  });
  return (before) => {
    const plain = decodeWithTypes(before);
    const [after] = runStages([plain], pipeline, { variables });
    if (!isDocument(after)) {
      throw badValue("the update's pipeline did not result in a document");
    }
    const encoded = encode(restoreTypes(typedOf(after), plain, typedOf(plain)));
    return encoded.equals(before) ? before : encoded;
  };
}
