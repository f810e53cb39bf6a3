/**
 * Whose fault a code is. `document`: this document can never be stored as it is. `transient`: the same command may succeed when it is
 * sent again. `permanent`: the server, its configuration or our command, until somebody changes something.
 */
type FaultKind = "document" | "transient" | "permanent";

/** What a code needs to be explained with. */
export type Advice =
  | "credentials"
  | "permission"
  | "not-primary"
  | "disk-full"
  | "quota"
  | "writes-blocked"
  | "shard-key"
  | "retry-writes"
  | "throttled"
  | "time-limit"
  | "write-concern";

interface Meaning {
  readonly name: string;
  readonly kind: FaultKind;
  readonly advice?: Advice;
  /** The code blames a document only as the error of a single write, not as the error of a whole command. */
  readonly perWriteOnly?: true;
}

const document = (name: string): Meaning => ({ name, kind: "document" });
const documentPerWrite = (name: string): Meaning => ({ name, kind: "document", perWriteOnly: true });
const transient = (name: string, advice?: Advice): Meaning => ({
  name,
  kind: "transient",
  ...(advice && { advice }),
});
const permanent = (name: string, advice: Advice): Meaning => ({ name, kind: "permanent", advice });

/**
 * The codes whose meaning is known. Every other code is permanent and the server's: a document is blamed only where the code can mean
 * nothing else.
 *
 * Names and classes are those of MongoDB's `error_codes.yml` and the retryable reads and writes specifications; five-digit codes
 * without a name there are assertions of the server's source; 8000 and 16500 are those of Atlas and Azure Cosmos DB.
 */
const meanings: ReadonlyMap<unknown, Meaning> = new Map<number, Meaning>([
  [1, transient("InternalError")],
  [2, documentPerWrite("BadValue")],
  [6, transient("HostUnreachable")],
  [7, transient("HostNotFound")],
  [9, documentPerWrite("FailedToParse")],
  [11, permanent("UserNotFound", "credentials")],
  [13, permanent("Unauthorized", "permission")],
  [14, documentPerWrite("TypeMismatch")],
  [15, documentPerWrite("Overflow")],
  [16, documentPerWrite("InvalidLength")],
  [18, permanent("AuthenticationFailed", "credentials")],
  [20, permanent("IllegalOperation", "retry-writes")],
  [22, documentPerWrite("InvalidBSON")],
  [24, transient("LockTimeout")],
  [28, documentPerWrite("PathNotViable")],
  [43, transient("CursorNotFound")],
  [46, transient("LockBusy")],
  [50, transient("MaxTimeMSExpired", "time-limit")],
  [52, documentPerWrite("DollarPrefixedFieldName")],
  [53, documentPerWrite("InvalidIdField")],
  [54, documentPerWrite("NotSingleValueField")],
  [55, documentPerWrite("InvalidDBRef")],
  [56, documentPerWrite("EmptyFieldName")],
  [57, documentPerWrite("DottedFieldName")],
  [61, permanent("ShardKeyNotFound", "shard-key")],
  [64, transient("WriteConcernTimeout", "write-concern")],
  [66, documentPerWrite("ImmutableField")],
  [75, transient("WriteConcernLegacyOK", "write-concern")],
  [79, permanent("UnknownReplWriteConcern", "write-concern")],
  [89, transient("NetworkTimeout")],
  [91, transient("ShutdownInProgress")],
  [100, permanent("UnsatisfiableWriteConcern", "write-concern")],
  [107, transient("LockFailed")],
  [112, transient("WriteConflict")],
  [116, documentPerWrite("DocTooLargeForCapped")],
  [117, transient("ConflictingOperationInProgress")],
  [121, documentPerWrite("DocumentValidationFailure")],
  [133, transient("FailedToSatisfyReadPreference")],
  [134, transient("ReadConcernMajorityNotAvailableYet")],
  [150, transient("StaleEpoch")],
  [171, documentPerWrite("CannotIndexParallelArrays")],
  [175, transient("QueryPlanKilled")],
  [189, transient("PrimarySteppedDown")],
  [202, transient("NetworkInterfaceExceededTimeLimit")],
  [215, transient("DatabaseDropPending")],
  [216, transient("ElectionInProgress")],
  [237, transient("CursorKilled")],
  [249, transient("StaleDbVersion")],
  [262, transient("ExceededTimeLimit", "time-limit")],
  [264, transient("TooManyFilesOpen")],
  [276, transient("IndexBuildAborted")],
  [279, transient("ClientDisconnect")],
  [290, transient("TransactionExceededLifetimeLimitSeconds")],
  [317, transient("ConnectionPoolExpired")],
  [343, transient("ShardCannotRefreshDueToLocksHeld")],
  [355, transient("InterruptedDueToStorageChange")],
  [357, documentPerWrite("InvalidBSONType")],
  [358, transient("InternalTransactionNotSupported")],
  [365, transient("TemporarilyUnavailable")],
  [371, permanent("UserWritesBlocked", "writes-blocked")],
  [378, documentPerWrite("NonConformantBSON")],
  [384, transient("ConnectionError")],
  [391, transient("ReauthenticationRequired")],
  [402, transient("ResourceExhausted", "throttled")],
  [406, transient("MigrationBlockingOperationCoordinatorCleaningUp")],
  [407, transient("PooledConnectionAcquisitionExceededTimeLimit")],
  [412, transient("UpdatesStillPending")],
  [433, transient("AdmissionQueueOverflow", "throttled")],
  [449, transient("RateLimitExceeded", "throttled")],
  [450, transient("PooledConnectionAcquisitionRejected", "throttled")],
  [462, transient("IngressRequestRateLimitExceeded", "throttled")],
  [9001, transient("SocketException")],
  [10107, transient("NotWritablePrimary", "not-primary")],
  [10334, document("BSONObjectTooLarge")],
  [11000, documentPerWrite("DuplicateKey")],
  [11001, documentPerWrite("DuplicateKey")],
  [11600, transient("InterruptedAtShutdown")],
  [11601, transient("Interrupted")],
  [11602, transient("InterruptedDueToReplStateChange")],
  [12501, permanent("QuotaExceeded", "quota")],
  [12582, documentPerWrite("DuplicateKey")],
  [13388, transient("StaleConfig")],
  [13435, transient("NotPrimaryNoSecondaryOk", "not-primary")],
  [13436, transient("NotPrimaryOrSecondary", "not-primary")],
  [14031, permanent("OutOfDiskSpace", "disk-full")],
  [16500, transient("RequestRateTooLarge", "throttled")],
  // The document does not go into a geo or text index that somebody made.
  [16755, documentPerWrite("CannotExtractGeoKeys")],
  [17261, documentPerWrite("TextLanguageOverrideIsNoString")],
  [17262, documentPerWrite("TextLanguageIsUnknown")],
  [17280, document("KeyTooLong")],
  [17419, document("UpdatedDocumentTooLarge")],
  [17420, document("UpsertedDocumentTooLarge")],
]);

/** Where the server said it: beside one write of a bulk write, or as its answer to a command. */
type FaultPlace = "write" | "command";

/** Whose fault it is that a server answered with this code. A code that is not known is the server's, and permanent. */
export function kindOfCode(code: unknown, place: FaultPlace): FaultKind {
  const meaning = meanings.get(code);
  if (meaning === undefined || (meaning.perWriteOnly === true && place === "command")) {
    return "permanent";
  }
  return meaning.kind;
}

/** Whether a refusal with this code may be the fault of a document. */
export function mayBeDocument(code: unknown): boolean {
  return meanings.get(code)?.kind === "document";
}

const authentication = /auth|credential|password/i;
const space = /quota|space|storage|already using|\d+ ?MB of \d+ ?MB/i;

/** What to advise; undefined where the server's own words are all there is. Atlas has one code for everything: its words decide. */
export function adviceOn(code: unknown, message: string): Advice | undefined {
  if (code === 8000) {
    return space.test(message) ? "quota" : authentication.test(message) ? "credentials" : undefined;
  }
  if (code === 20) {
    return /transaction numbers/i.test(message) ? "retry-writes" : undefined;
  }
  return meanings.get(code)?.advice;
}

/** The name that MongoDB gives the code; undefined where it is not known. */
export function nameOfCode(code: unknown): string | undefined {
  return code === 8000 ? "AtlasError" : meanings.get(code)?.name;
}

/** How long a server that limits the rate of requests asks to wait: Cosmos DB writes it into its message. */
export function retryAfterMs(message: string): number | undefined {
  const [, ms] = /\bRetryAfterMs=(\d{1,9})\b/.exec(message) ?? [];
  return ms === undefined ? undefined : Number(ms);
}
