import { isUtf8 } from "node:buffer";
import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { z } from "zod";
import { errorCodeOf } from "../errors/inspect-error.js";
import { describeConfig } from "./describe-config.js";
import { expandPath } from "./expand-path.js";
import { ConfigError, type Environment } from "./parse-config.js";
import { readFileOrPipe } from "./read-file-or-pipe.js";
import { explainUnreadable } from "./unreadable-file.js";

/** No secret is as long, but somebody's log may be. */
const longestFileBytes = 1_048_576;

/** A file that was named instead of a secret. */
interface SecretFile {
  /** Such as `THREATFOX_API_KEY_FILE`. */
  readonly variable: string;
  /** As it was written. */
  readonly given: string;
  /** Where a relative path starts. */
  readonly folder: string;
}

/**
 * Reads the secrets that are given as files, as Docker, Kubernetes and systemd provide them: `NAME_FILE` holds the path of a file whose
 * text is the value of `NAME`. A line break at its end does not belong to the value.
 *
 * @param schemas those that the settings belong to
 * @param folderOf where a relative path in this variable starts
 * @returns the values, by the names of their settings
 * @throws ConfigError that names every file that cannot be used, and every setting that is given in both ways
 */
export function readSecretFiles(
  schemas: readonly z.ZodObject[],
  environment: Environment,
  folderOf: (variable: string) => string,
): Readonly<Record<string, string>> {
  const values: Record<string, string> = {};
  const faults: { readonly variable: string; readonly message: string }[] = [];
  for (const { name, fileVariable: variable } of schemas.flatMap(describeConfig)) {
    const given = variable === undefined ? "" : (environment[variable]?.trim() ?? "");
    if (variable === undefined || given === "") {
      continue;
    }
    if (environment[name]?.trim()) {
      faults.push({
        variable: `${name} and ${variable}`,
        message: "must not both be set: remove one of them",
      });
      continue;
    }
    const { value, fault } = readSecretFile({ variable, given, folder: folderOf(variable) });
    if (fault !== undefined) {
      faults.push({ variable, message: fault });
    } else {
      values[name] = value;
    }
  }
  if (faults.length > 0) {
    throw new ConfigError(faults);
  }
  return values;
}

type ReadSecret =
  | { readonly value: string; readonly fault?: undefined }
  | { readonly value?: undefined; readonly fault: string };

function readSecretFile({ variable, given, folder }: SecretFile): ReadSecret {
  const path = resolve(folder, expandPath(variable, given));
  try {
    const fault = findFileFault(path);
    if (fault !== undefined) {
      return { fault: `${fault} (given: ${path})` };
    }
    const bytes = readFileOrPipe(path);
    const value = isText(bytes) ? withoutFrame(bytes) : undefined;
    if (value === undefined) {
      return { fault: `names a file that is not UTF-8 text: save it as UTF-8 (given: ${path})` };
    }
    return value.trim() === "" ? { fault: `${explainEmpty(path)} (given: ${path})` } : { value };
  } catch (error) {
    return { fault: `${explainUnreadable(error)} (${describePath(error, given, { path, folder })})` };
  }
}

function findFileFault(path: string): string | undefined {
  const file = statSync(path);
  if (file.isCharacterDevice() || file.isBlockDevice()) {
    return "names a device: a file was expected";
  }
  return file.size > longestFileBytes && !file.isDirectory()
    ? `names a file of more than ${longestFileBytes} bytes`
    : undefined;
}

function explainEmpty(path: string): string {
  return statSync(path, { bigint: true }).isFIFO()
    ? "names an empty pipe, which gives its text only once: save the secret in a file"
    : "names an empty file";
}

/** UTF-16 has NUL characters, and most of it is valid UTF-8. */
function isText(bytes: Buffer): boolean {
  return isUtf8(bytes) && !bytes.includes(0);
}

/** The text without byte order mark and without the line break that editors and `echo` leave at the end. */
function withoutFrame(bytes: Buffer): string {
  return bytes
    .toString("utf8")
    .replace(/^\uFEFF/, "")
    .replace(/\r?\n$/, "");
}

/** People write the secret itself where its file was expected. Such a text is no absolute path, and names no file. */
function describePath(
  error: unknown,
  given: string,
  { path, folder }: { readonly path: string; readonly folder: string },
): string {
  const isMissing = ["ENOENT", "ENOTDIR", "ENAMETOOLONG"].some((code) => code === errorCodeOf(error));
  return isMissing && !/^(?:[\\/~.]|[a-z]:[\\/])/i.test(given)
    ? `looked for it in ${folder}; the value may be the secret itself and is not shown: write ./ before a relative path`
    : `given: ${path}`;
}
