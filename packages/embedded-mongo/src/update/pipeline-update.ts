import { decodePlain, encode, type PlainDocument } from "../bson-codec.js";
import { CommandError } from "../command-error.js";
import { isDocument } from "../is-operator-object.js";
import { restoreTypes } from "../restore-types.js";
import { runStages } from "../run-stages.js";
import { decodeWithTypes, typedOf } from "../typed-document.js";

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
      throw new CommandError("BadValue", "the update's pipeline did not result in a document");
    }
    const encoded = encode(restoreTypes(typedOf(after), plain, typedOf(plain)));
    return encoded.equals(before) ? before : encoded;
  };
}
