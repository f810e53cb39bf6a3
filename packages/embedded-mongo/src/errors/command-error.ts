/** MongoDB's codes and names (src/mongo/base/error_codes.yml). */
const CODES = {
  InternalError: 1,
  BadValue: 2,
  FailedToParse: 9,
  Unauthorized: 13,
  TypeMismatch: 14,
  Overflow: 15,
  InvalidLength: 16,
  IllegalOperation: 20,
  InvalidBSON: 22,
  NamespaceNotFound: 26,
  IndexNotFound: 27,
  PathNotViable: 28,
  ConflictingUpdateOperators: 40,
  CursorNotFound: 43,
  NamespaceExists: 48,
  MaxTimeMSExpired: 50,
  DollarPrefixedFieldName: 52,
  InvalidIdField: 53,
  NotSingleValueField: 54,
  EmptyFieldName: 56,
  CommandNotFound: 59,
  ImmutableField: 66,
  CannotCreateIndex: 67,
  InvalidOptions: 72,
  InvalidNamespace: 73,
  IndexOptionsConflict: 85,
  IndexKeySpecsConflict: 86,
  NotExactValueField: 111,
  ConflictingOperationInProgress: 117,
  NotAReplicaSet: 123,
  InvalidPipelineOperator: 168,
  CannotIndexParallelArrays: 171,
  QueryPlanKilled: 175,
  InvalidIndexSpecificationOption: 197,
  CursorKilled: 237,
  NotImplemented: 238,
  ConversionFailure: 241,
  IndexBuildAborted: 276,
  QueryExceededMemoryLimitNoDiskUseAllowed: 292,
  APIVersionError: 322,
  APIStrictError: 323,
  BSONObjectTooLarge: 10334,
  DuplicateKey: 11000,
  InterruptedAtShutdown: 11600,
  Interrupted: 11601,
  CursorInUse: 12051,
  OutOfDiskSpace: 14031,
  CannotBackfillArray: 15160,
} as const;

/** An error without a name in MongoDB is named by its code. */
export type ErrorName = keyof typeof CODES | `Location${number}`;

/** An error that a client gets as its answer: `ok: 0`, or a write error. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly code: number;

  constructor(
    readonly codeName: ErrorName,
    message: string,
    /** Further fields of the answer, e.g. `keyPattern` and `keyValue` of a duplicate key. */
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.code = codeOf(codeName);
  }
}

function codeOf(name: ErrorName): number {
  return isNamed(name) ? CODES[name] : Number(name.slice("Location".length));
}

function isNamed(name: ErrorName): name is keyof typeof CODES {
  return Object.hasOwn(CODES, name);
}

export function badValue(message: string): CommandError {
  return new CommandError("BadValue", message);
}

/** Refuses a feature of MongoDB that this server does not have. */
export function notSupported(what: string, codeName: ErrorName = "NotImplemented"): CommandError {
  return new CommandError(
    codeName,
    `${what}: not supported by the embedded database, set MONGO_URI to a MongoDB server`,
  );
}
