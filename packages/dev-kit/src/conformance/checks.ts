import type { ConformanceSubject } from "../trial/subject.js";
import type { Trial } from "../trial/trial.js";
import { checkChangedRecord, checkEmptyUpstream, checkKept, checkWithdrawal } from "./check-changes.js";
import { checkDeclaration } from "./check-declaration.js";
import { checkDemo } from "./check-demo.js";
import { checkEnvelope, checkNothingIsLost, checkSameDocuments } from "./check-documents.js";
import { checkDryRun } from "./check-dry-run.js";
import { checkFailedRequests } from "./check-failures.js";
import { checkAbortWhileHanging, checkAbortWhileLoading } from "./check-interruption.js";
import { checkQuarantine, checkStoredBeforeInvalid } from "./check-quarantine.js";
import { checkRepeatedRun } from "./check-repeats.js";
import { checkBudget, checkRefusals } from "./check-requests.js";
import { checkRestore } from "./check-restore.js";
import { checkCrash, checkLostPage, checkResume } from "./check-resuming.js";
import { checkSecrets } from "./check-secrets.js";
import { checkLaterRun, checkSettingsSource } from "./check-surroundings.js";

/** One thing that a connector has to get right. */
export interface ConformanceCheck {
  /** A sentence without its subject, the connector. */
  readonly name: string;
  /** Where it fails, those that are not basic would fail too, for reasons that lead astray. Default: it is not. */
  readonly isBasic?: true;
  /** What it looks at is the same with every database: the embedded one is enough. Default: it is not. */
  readonly onAnyDatabase?: true;
  /** Whether there is anything to check. Default: always. */
  applies?(subject: ConformanceSubject): boolean;
  /** @throws ConformanceError that says what is wrong, and what to do */
  run(trial: Trial): Promise<void>;
}

const lists = ({ lists: told = true }: ConformanceSubject) => told;
/** What it makes of records that others have loaded is its own: it neither asks for them nor keeps them whole. */
const asks = ({ upstream }: ConformanceSubject) => upstream.store === undefined;

export const conformanceChecks: readonly ConformanceCheck[] = [
  { name: "has valid names, summaries and settings", run: checkDeclaration },
  { name: "stores every record as a complete document", isBasic: true, run: checkEnvelope },
  { name: "loses no record and no field", isBasic: true, applies: asks, run: checkNothingIsLost },
  {
    name: "makes the same documents from the same records in another database",
    isBasic: true,
    run: checkSameDocuments,
  },
  { name: "writes nothing when it runs again", run: checkRepeatedRun },
  { name: "makes the same documents a day later", run: checkLaterRun },
  {
    name: "reads its settings only from its configuration",
    onAnyDatabase: true,
    run: checkSettingsSource,
  },
  { name: "resumes after a crash before a page is stored", run: checkLostPage },
  { name: "resumes after a crash between any page and its checkpoint", run: checkCrash },
  { name: "resumes after a kill after any page", run: checkResume },
  {
    name: "makes the same documents again of what is stored",
    applies: ({ connector }) => connector.steps.some(({ restore }) => restore !== undefined),
    run: checkRestore,
  },
  { name: "updates the documents of a changed record, and no others", run: checkChangedRecord },
  {
    name: "marks what the upstream no longer lists, and restores it",
    applies: lists,
    run: checkWithdrawal,
  },
  {
    name: "changes nothing when the upstream suddenly lists nothing",
    applies: lists,
    run: checkEmptyUpstream,
  },
  {
    name: "keeps what the upstream no longer sends",
    applies: (subject) => !lists(subject),
    run: checkKept,
  },
  { name: "quarantines invalid records and stores the rest", applies: asks, run: checkQuarantine },
  {
    name: "keeps the document of a record that becomes invalid",
    applies: asks,
    run: checkStoredBeforeInvalid,
  },
  {
    name: "sends every request within its budget",
    onAnyDatabase: true,
    applies: asks,
    run: checkBudget,
  },
  {
    name: "waits after a 429, and retries after a 503 and a cut connection",
    onAnyDatabase: true,
    applies: asks,
    run: checkRefusals,
  },
  {
    name: "says so when a request fails, and loads the rest later",
    onAnyDatabase: true,
    applies: asks,
    run: checkFailedRequests,
  },
  { name: "shows and stores no secret", onAnyDatabase: true, applies: asks, run: checkSecrets },
  {
    name: "stops soon if it is interrupted while a request hangs",
    onAnyDatabase: true,
    applies: asks,
    run: checkAbortWhileHanging,
  },
  {
    name: "stops soon if it is interrupted while it loads",
    onAnyDatabase: true,
    applies: asks,
    run: checkAbortWhileLoading,
  },
  { name: "writes nothing in a dry run", run: checkDryRun },
  {
    name: "loads something without network, and answers its questions",
    // A demo is only ever loaded into the embedded database.
    onAnyDatabase: true,
    // Without what others load in the same demo, there is nothing to show.
    applies: (subject) => subject.connector.demo !== undefined && asks(subject),
    run: checkDemo,
  },
];
