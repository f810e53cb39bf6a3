// Loaded into the process that is measured (node --import): writes its peak memory, in kB, to the file in BENCH_MEMORY_FILE when it ends.
import { readFileSync, writeFileSync } from "node:fs";
import { env } from "node:process";

const file = env.BENCH_MEMORY_FILE;
/** Anonymous memory: pages of mapped files are the kernel's, which takes them back when it needs them. 0 on other systems than Linux. */
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
  setInterval(look, 200).unref();
  process.on("exit", () => {
    look();
    writeFileSync(file, JSON.stringify({ peak }));
  });
}
