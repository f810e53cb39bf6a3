// Loaded into the process that is measured (node --import): writes its peak memory to the file in BENCH_MEMORY_FILE when it ends.
import { readFileSync, writeFileSync } from "node:fs";
import { env } from "node:process";

const file = env.BENCH_MEMORY_FILE;
/** Without the pages of mapped files, in kB, where the system tells. */
let anonymous = 0;

function look() {
  try {
    const [, kilobytes] = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
    anonymous = Math.max(anonymous, Number(kilobytes ?? 0));
  } catch {
    // Another system than Linux.
  }
}

if (file) {
  setInterval(look, 200).unref();
  process.on("exit", () => {
    look();
    writeFileSync(file, JSON.stringify({ peak: process.resourceUsage().maxRSS, anonymous }));
  });
}
