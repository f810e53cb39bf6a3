import { fileURLToPath } from "node:url";
import xterm from "@xterm/headless";
import { execaSync } from "execa";
import { expect, test } from "vitest";
import { startSandboxProcess } from "../../src/testing/sandbox-process.js";
import { type StartOptions, startProcess } from "../../src/testing/start-process.js";
import { temporaryFolder } from "../../src/testing/temporary-folder.js";

const inPty = fileURLToPath(new URL("../../src/testing/resize-in-pty.py", import.meta.url));
const hasPty = execaSync("python3", ["-c", "import pty"], { reject: false }).exitCode === 0;

/** The command line in a pseudo-terminal, before an emulator of a terminal that wraps lines anew when it is resized. */
function startInTerminal(args: readonly string[], options: StartOptions) {
  const screen = new xterm.Terminal({ cols: 110, rows: 30, allowProposedApi: true });
  const started = startProcess(args, { ...options, wrapper: ["python3", inPty], stdin: "pipe" });
  let shown = Promise.resolve();
  started.stdout.on("data", (chunk: Buffer) => {
    for (const part of chunk.toString("latin1").split(/(<columns \d+>)/)) {
      const columns = /^<columns (\d+)>/.exec(part)?.[1];
      shown = shown.then(() =>
        columns === undefined
          ? new Promise((resolve) => screen.write(Buffer.from(part, "latin1"), resolve))
          : screen.resize(Number(columns), 30),
      );
    }
  });
  const lines = () => {
    const { active } = screen.buffer;
    return Array.from({ length: active.length }, (_, row) =>
      (active.getLine(row)?.translateToString(true) ?? "").trim(),
    );
  };
  /** Waits until a few more frames have been drawn. */
  const drawnAnew = async () => {
    for (let frames = 0; frames < 6; frames += 1) {
      await new Promise((resolve) => started.stdout.once("data", resolve));
    }
    await shown;
    return lines();
  };
  return {
    started,
    lines,
    async resize(columns: number) {
      started.stdin?.write(`${columns}\n`);
      await expect.poll(() => screen.cols, { timeout: 20_000 }).toBe(columns);
      return drawnAnew();
    },
  };
}

test.skipIf(!hasPty)("the frame survives every resize of the terminal without stale lines", async () => {
  const folder = temporaryFolder();
  const sandbox = await startSandboxProcess({ args: [] }, { folder, quota: "none", timeoutMs: 100_000 });
  const terminal = startInTerminal(["run", "mitre-taxii"], {
    folder,
    env: { ...sandbox.env, MITRE_REQUEST_BUDGET: "3/600", TERM: "xterm-256color", XTERM_VERSION: undefined },
  });
  await expect.poll(() => terminal.lines().join("\n"), { timeout: 60_000 }).toContain("resuming at");
  for (const columns of [60, 40, 100, 30, 80]) {
    const lines = await terminal.resize(columns);
    const starting = (text: string) => lines.filter((line) => line.startsWith(text)).length;
    expect(
      ["mitre-taxii", "✔ collections", "⏳ request budget used", "objects", "versions", "releases"].map(
        starting,
      ),
      `at ${columns} columns:\n${lines.join("\n")}`,
    ).toEqual([1, 1, 1, 1, 1, 1]);
  }
  terminal.started.kill("SIGKILL");
});
