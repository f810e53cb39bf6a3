import { spawnSync } from "node:child_process";
import { hostname } from "node:os";
import { expect, it, onTestFinished, vi } from "vitest";
import { acquireLease, LeaseHeldError, type LeaseOptions } from "./lease.js";
import { describeOnMongo } from "./mongo-servers.testing.js";

const start = Date.parse("2026-11-23T10:00:00Z");

describeOnMongo("acquireLease", (database) => {
  async function acquire(runId: string, options: Partial<LeaseOptions> = {}) {
    const lease = await acquireLease({ store: database().store, connector: "source", runId, ...options });
    onTestFinished(() => lease.release().catch(() => undefined));
    return lease;
  }
  const leases = () => database().store.database.collection<{ _id: string }>("etl_state");

  /** Leaves a lease behind, as a process that was killed does. */
  async function leaveBehind(holder: { host?: string; pid: number; process_id?: string }) {
    await leases().insertOne({
      _id: "lease/source",
      ...{
        connector: "source",
        holder: { run_id: "crashed", host: hostname(), process_id: "another", ...holder },
        expires_at: new Date(Date.now() + 60_000),
      },
    });
  }

  it("is held by one of many that ask at the same time", async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, (_, index) => acquire(`run-${index}`)),
    );
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const result of results) {
      if (result.status === "rejected") {
        expect(result.reason).toBeInstanceOf(LeaseHeldError);
      }
    }
  });

  it("is free again once it is released, and held per connector", async () => {
    const lease = await acquire("run-1");
    await acquire("run-2", { connector: "other" });
    await expect(acquire("run-3")).rejects.toThrow(/run run-1 .*process \d+ on/);
    await lease.release();
    await acquire("run-3");
  });

  it("expires", async () => {
    await acquire("run-1", { now: () => new Date(start) });
    await expect(acquire("run-2", { now: () => new Date(start + 59_000) })).rejects.toThrow(
      /until 2026-11-23T10:01:00/,
    );
    await acquire("run-2", { now: () => new Date(start + 60_000) });
  });

  it("is taken over at once from a process of this host that is gone", async () => {
    const { pid } = spawnSync(process.execPath, ["--version"]);
    await leaveBehind({ pid });
    await acquire("run-2");
  });

  it("is taken over at once from an earlier process with our own number", async () => {
    await leaveBehind({ pid: process.pid });
    await acquire("run-2");
  });

  it("is not taken over from a process of another host, or one that lives", async () => {
    const { pid } = spawnSync(process.execPath, ["--version"]);
    await leaveBehind({ pid, host: "elsewhere" });
    await expect(acquire("run-2")).rejects.toThrow(/on elsewhere/);
    await leases().deleteMany({});
    await leaveBehind({ pid: process.ppid });
    await expect(acquire("run-2")).rejects.toThrow(LeaseHeldError);
  });

  it("is renewed while it is held, and not after its release", async () => {
    const lease = await acquire("run-1", { durationMs: 200 });
    const first = await leases().findOne({ _id: "lease/source" });
    await vi.waitFor(
      async () => {
        const renewed = await leases().findOne({ _id: "lease/source" });
        expect(Object(renewed).expires_at).not.toEqual(Object(first).expires_at);
      },
      { timeout: 10_000 },
    );
    expect(lease.lost.aborted).toBe(false);
    await lease.release();
    expect(await leases().findOne({ _id: "lease/source" })).toBeNull();
  });

  it("tells its holder when another run took it over", async () => {
    const lease = await acquire("run-1", { durationMs: 200 });
    await leases().updateOne({ _id: "lease/source" }, { $set: { "holder.run_id": "thief" } });
    await vi.waitFor(() => expect(lease.lost.aborted).toBe(true), { timeout: 10_000 });
    expect(String(lease.lost.reason)).toMatch(/lost its hold on "source"/);
    await lease.release();
    expect(await leases().findOne({ _id: "lease/source" })).toMatchObject({ holder: { run_id: "thief" } });
  });
});
