/** Codes and names as MongoDB has them (src/mongo/base/error_codes.yml). */
const CODES = {
  InternalError: 1,
  EmptyFieldName: 56,
  BadValue: 2,
  NoSuchKey: 4,
  FailedToParse: 9,
  Unauthorized: 13,
  TypeMismatch: 14,
  Overflow: 15,
  IllegalOperation: 20,
  InvalidBSON: 22,
  NamespaceNotFound: 26,
  IndexNotFound: 27,
  PathNotViable: 28,
  ConflictingUpdateOperators: 40,
  CursorNotFound: 43,
  NamespaceExists: 48,
  DollarPrefixedFieldName: 52,
  CommandNotFound: 59,
  ImmutableField: 66,
  CannotCreateIndex: 67,
  InvalidOptions: 72,
  InvalidIndexSpecificationOption: 197,
  MergeStageNoMatchingDocument: 13113,
  NotSingleValueField: 54,
  InvalidLength: 16,
  InvalidIdField: 53,
  CannotBackfillArray: 15160,
  InvalidNamespace: 73,
  IndexOptionsConflict: 85,
  IndexKeySpecsConflict: 86,
  OperationFailed: 96,
  CommandNotSupported: 115,
  InvalidPipelineOperator: 168,
  CannotIndexParallelArrays: 171,
  NotImplemented: 238,
  ConversionFailure: 241,
  BSONObjectTooLarge: 10334,
  DuplicateKey: 11000,
  Location40324: 40324,
  Location40093: 40093,
  Location15947: 15947,
  Location31002: 31002,
  Location51270: 51270,
  Location31275: 31275,
  Location28724: 28724,
  Location15959: 15959,
  Location15976: 15976,
  Location28747: 28747,
  Location15974: 15974,
  Location15975: 15975,
  Location40352: 40352,
  Location16020: 16020,
  Location51024: 51024,
  Location40323: 40323,
  Location31249: 31249,
  Location31250: 31250,
  Location31325: 31325,
  Location51272: 51272,
  Location51091: 51091,
  Location15958: 15958,
  Location15969: 15969,
  Location15955: 15955,
  Location40234: 40234,
  Location28818: 28818,
  Location40169: 40169,
  Location40272: 40272,
  Location31253: 31253,
  Location31254: 31254,
  Location40353: 40353,
  Location40414: 40414,
  Location40415: 40415,
  Location17276: 17276,
  Location72: 72,
} as const;

export type ErrorName = keyof typeof CODES;

/** What a client is answered with `ok: 0`, or as a write error. */
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
    this.code = CODES[codeName];
  }
}
