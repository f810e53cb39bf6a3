import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { describeOnMongo } from "../testing/mongo-servers.js";
import { acquireLease, LeaseHeldError, type LeaseOptions } from "./lease.js";
import { createRunHolder, type RunHolder } from "./run-holder.js";

// Processes contend for leases on the real clock.
vi.setConfig({ testTimeout: 120_000 });

/** Above the highest process number of Linux. */
const nobody = 99_999_999;

/** As in a container of its own: pid 1, and no process outside can be seen. It ends with `unshare`. */
const inOwnPidNamespace = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"];
const canUnshare = spawnSync("unshare", [...inOwnPidNamespace.slice(1), "true"]).status === 0;

describeOnMongo("acquireLease", (database) => {
  async function acquire(runId: string, options: Partial<LeaseOptions> = {}) {
    const lease = await acquireLease({ store: database().store, connector: "source", runId, ...options });
    onTestFinished(() => lease.release().catch(() => undefined));
    return lease;
  }
  const leases = () => database().store.database.collection<{ _id: string }>("etl_state");

  /** Leaves a lease behind, as a process that was killed does. Absent fields: as of this process. */
  async function leaveBehind(
    holder: { [Field in keyof RunHolder]?: RunHolder[Field] | undefined },
    expiresInMs = 60_000,
  ) {
    await leases().insertOne({
      _id: "lease/source",
      ...{
        connector: "source",
        holder: { ...createRunHolder("crashed", { kind: "mongodb" }), process_id: "another", ...holder },
        expires_at: new Date(Date.now() + expiresInMs),
      },
    });
  }

  test("is held by one of many that ask at the same time", async () => {
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

  test("is free again once it is released, and held per connector", async () => {
    const lease = await acquire("run-1");
    await acquire("run-2", { connector: "other" });
    await expect(acquire("run-3")).rejects.toThrow(/run run-1 .*process \d+ on/);
    await lease.release();
    await acquire("run-3");
  });

  test("expires", async () => {
    await leaveBehind({ host: "elsewhere" }, 400);
    await expect(acquire("run-2")).rejects.toThrow(/process \d+ on elsewhere\).* until 20/);
    await vi.waitFor(() => acquire("run-2"), { timeout: 10_000 });
  });

  /** Another process that asks for the lease, in lines what it says. */
  function contend(clockAheadMs: number, within: readonly string[] = []) {
    const { store, uri } = database();
    const [command = "", ...args] = [
      ...within,
      process.execPath,
      ...["--conditions=@cti-connectors/source", "--import", "tsx"],
      fileURLToPath(new URL("../testing/contend-for-lease.ts", import.meta.url)),
      ...[uri, store.db, String(clockAheadMs)],
    ];
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
    onTestFinished(() => void child.kill("SIGKILL"));
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return { child, next: async () => (await lines.next()).value };
  }

  test.each([90_000, -90_000])("is not lost to a machine whose clock is off by %d ms", async (aheadMs) => {
    const lease = await acquire("run-1");
    expect(await contend(aheadMs).next()).toBe("refused");
    await lease.assertHeld();
  });

  test.skipIf(!canUnshare)(
    "is not lost between PID namespaces, nor when a clock is set forward, and ends with its silence (skipped where unshare is not permitted)",
    async () => {
      const { child, next } = contend(0, inOwnPidNamespace);
      expect(await next()).toBe("held");
      await expect(acquire("run-1")).rejects.toThrow(/process 1 on/);
      child.stdin.write("set the clock\n");
      expect(await next()).toBe("still held");
      await expect(acquire("run-1")).rejects.toThrow(LeaseHeldError);
      child.kill("SIGKILL");
      const lease = await vi.waitFor(() => acquire("run-1"), { timeout: 20_000, interval: 200 });
      expect(await contend(0, inOwnPidNamespace).next()).toBe("refused");
      await lease.assertHeld();
    },
  );

  describe.skipIf(process.platform !== "linux")("of a process that is proved to be gone (Linux)", () => {
    test.each([
      ["whose number nobody has", { pid: nobody }],
      ["that had our own number", { pid: process.pid }],
    ])("is taken over at once: %s", async (_what, holder) => {
      await leaveBehind(holder);
      await acquire("run-2");
    });
  });

  test.each([
    ["lives", { pid: process.ppid }],
    ["is of another host", { host: "elsewhere", pid: nobody }],
    ["is of another boot, or of another machine with our name", { boot_id: "another", pid: nobody }],
    ["is of another PID namespace, and has our own number there", { pid_namespace: "pid:[1]" }],
    [
      "is of another PID namespace, and has a number that nobody has here",
      { pid_namespace: "pid:[1]", pid: nobody },
    ],
  ])("is not taken over from a process that %s", async (_what, holder) => {
    await leaveBehind(holder);
    await expect(acquire("run-2")).rejects.toThrow(LeaseHeldError);
  });

  test.skipIf(process.platform !== "linux").each([
    ["had the embedded database open, as this one has now", "embedded", {}, true],
    ["had it open on another machine", "embedded", { boot_id: "another" }, false],
    ["only reached it, while this one has it open", "embedded", { has_database: undefined }, false],
    ["had it open, while this one only reaches it", "mongodb", {}, false],
  ] as const)(
    "of another container whose process %s: %s, %j: %s (Linux)",
    async (_what, kind, holder, isTaken) => {
      const elsewhere = { has_database: true, host: "elsewhere", pid_namespace: "pid:[1]" } as const;
      await leaveBehind({ ...elsewhere, ...holder });
      const taken = acquire("run-2", { store: { ...database().store, kind } });
      await (isTaken ? taken : expect(taken).rejects.toThrow(LeaseHeldError));
    },
  );

  test("is not taken over from a process that does not say where its number counts", async () => {
    await leaveBehind({ pid: nobody });
    await leases().updateOne({}, { $unset: { "holder.boot_id": "", "holder.pid_namespace": "" } });
    await expect(acquire("run-2")).rejects.toThrow(LeaseHeldError);
  });

  test("is renewed while it is held, and not after its release", async () => {
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

  test("tells its holder when another run took it over", async () => {
    const lease = await acquire("run-1", { durationMs: 200 });
    await leases().updateOne({ _id: "lease/source" }, { $set: { "holder.run_id": "thief" } });
    await vi.waitFor(() => expect(lease.lost.aborted).toBe(true), { timeout: 10_000 });
    expect(String(lease.lost.reason)).toMatch(/lost its lease on "source"/);
    await expect(lease.assertHeld()).rejects.toThrow(/lost its lease/);
    await lease.release();
    expect(await leases().findOne({ _id: "lease/source" })).toMatchObject({ holder: { run_id: "thief" } });
  });

  test("is found lost by a machine that was asleep, before it writes again", async () => {
    const lease = await acquire("run-1");
    await leases().updateOne({ _id: "lease/source" }, { $set: { "holder.run_id": "thief" } });
    await lease.assertHeld();
    const now = Date.now;
    const clock = vi.spyOn(Date, "now").mockImplementation(() => now() + 3_600_000);
    onTestFinished(() => clock.mockRestore());
    await expect(lease.assertHeld()).rejects.toThrow(/lost its lease/);
  });
});
