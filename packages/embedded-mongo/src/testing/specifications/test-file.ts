import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { BSON, type Document } from "mongodb";

/** A file in MongoDB's unified test format: https://github.com/mongodb/specifications/tree/master/source/unified-test-format */
export interface TestFile {
  readonly description: string;
  readonly schemaVersion: string;
  readonly runOnRequirements?: readonly Document[];
  readonly createEntities?: readonly Document[];
  readonly initialData?: readonly CollectionData[];
  readonly tests: readonly UnifiedTest[];
}

export interface UnifiedTest {
  readonly description: string;
  readonly runOnRequirements?: readonly Document[];
  readonly skipReason?: string;
  readonly operations: readonly Operation[];
  readonly expectEvents?: readonly ExpectedEvents[];
  readonly outcome?: readonly CollectionData[];
}

export interface CollectionData {
  readonly databaseName: string;
  readonly collectionName: string;
  readonly createOptions?: Document;
  readonly documents: readonly Document[];
}

export interface Operation {
  readonly name: string;
  /** The entity that it is called on. */
  readonly object: string;
  readonly arguments?: Document;
  readonly expectResult?: unknown;
  readonly expectError?: Document;
  readonly saveResultAsEntity?: string;
  readonly ignoreResultAndError?: boolean;
}

export interface ExpectedEvents {
  readonly client: string;
  readonly eventType?: string;
  readonly events: readonly Document[];
  readonly ignoreExtraEvents?: boolean;
}

/** A folder of test files: in a checkout of github.com/mongodb/specifications, and in PyMongo's source distribution. */
export type SuiteFolders = readonly [specifications: string, pymongo: string];

export const SUITES: readonly SuiteFolders[] = [
  ["source/crud/tests/unified", "test/crud/unified"],
  ["source/collection-management/tests", "test/collection_management"],
  ["source/sessions/tests", "test/sessions"],
  ["source/gridfs/tests", "test/gridfs"],
  ["source/run-command/tests/unified", "test/run_command/unified"],
];

/** Tests that a runner must fail. */
export const MISTAKES: SuiteFolders = [
  "source/unified-test-format/tests/valid-fail",
  "test/unified-test-format/valid-fail",
];

/** The files of a suite, by name. Throws if `checkout` has none of its folders. */
export function readTestFiles(checkout: string, folders: SuiteFolders): [name: string, file: TestFile][] {
  const folder = folders.map((one) => join(checkout, one)).find((path) => existsSync(path));
  if (folder === undefined) {
    throw new Error(`${checkout} has no folder ${folders.join(" or ")}`);
  }
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => [name, BSON.EJSON.parse(readFileSync(join(folder, name), "utf8"))]);
}

/** Throws if a file has a version of the format that this runner does not know. */
export function assertKnownVersion({ schemaVersion }: TestFile): void {
  const [major, minor = 0] = schemaVersion.split(".").map(Number);
  if (major !== 1 || minor > 28) {
    throw new Error(`schemaVersion ${schemaVersion}: unknown version of the unified test format`);
  }
}
