// Loaded into the process that is measured (node --import): writes what it took to the file in BENCH_USAGE_FILE when it ends.
import { readFileSync, writeFileSync } from "node:fs";
import { cpuUsage, env } from "node:process";

const file = env.BENCH_USAGE_FILE;
/** Anonymous memory in kB: pages of mapped files are the kernel's, which takes them back when it needs them. 0 on other systems than Linux. */
let peak = 0;

function look() {
  try {
    const [, kilobytes] = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
    peak = Math.max(peak, Number(kilobytes ?? 0));
  } catch {
    // Another system than Linux.
  }
}

if (file) {
  setInterval(look, 50).unref();
  process.on("exit", () => {
    look();
    const { user, system } = cpuUsage();
    writeFileSync(file, JSON.stringify({ peak, cpuMicroseconds: user + system }));
  });
}
