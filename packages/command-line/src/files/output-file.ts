import { resolve } from "node:path";
import { expandPath } from "@cti-connectors/core/host";
import { UsageError } from "../process/exit-status.js";

/**
 * The file that `-o` names; undefined for standard output: without the option, or with `-`.
 *
 * @param folder where a path begins that is not absolute
 * @param example a name for the message
 * @throws UsageError where it names a folder
 */
export function outputFile(output: string | undefined, folder: string, example: string): string | undefined {
  if (output === undefined || output === "-") {
    return undefined;
  }
  if (/^$|[/\\]$/.test(output)) {
    throw new UsageError(
      `-o ${JSON.stringify(output)} names no file: write one, such as -o ${output}${example}.`,
    );
  }
  return resolve(folder, expandPath("--output", output));
}
