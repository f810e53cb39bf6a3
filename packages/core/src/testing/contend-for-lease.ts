import { acquireLease, LeaseHeldError } from "../store/lease.js";
import { openStore } from "../store/open-store.js";

/**
 * A process of its own, whose clock is off: asks for the lease of `source`, says whether it got it, and holds it until it is killed
 * or refused.
 */
const [uri = "", db = "", clockAheadMs = "0"] = process.argv.slice(2);
const RealDate = Date;
let aheadMs = Number(clockAheadMs);

class ShiftedDate extends RealDate {
  constructor(value: number | string | Date = RealDate.now() + aheadMs) {
    super(value);
  }
  static override now(): number {
    return RealDate.now() + aheadMs;
  }
}
Object.assign(globalThis, { Date: ShiftedDate });

const store = await openStore({ uri, db, kind: "mongodb" });
try {
  const lease = await acquireLease({ store, connector: "source", runId: "other", durationMs: 2_000 });
  process.stdout.write("held\n");
  process.stdin.on("data", async () => {
    aheadMs += 90_000;
    await lease.assertHeld();
    process.stdout.write("still held\n");
  });
} catch (error) {
  process.stdout.write(error instanceof LeaseHeldError ? "refused\n" : `${error}\n`);
  process.exit();
}
