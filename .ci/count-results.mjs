// Adds up the reports that vitest wrote in every package and the checks of .ci/run: "N passed, N failed[, N skipped]".
import { existsSync, readdirSync, readFileSync } from "node:fs";

const [checksPassed, checksFailed] = process.argv.slice(2).map(Number);
let passed = checksPassed;
let failed = checksFailed;
let skipped = 0;

const folders = ["packages", "apps"].flatMap((room) => readdirSync(room).map((name) => `${room}/${name}`));

for (const folder of folders) {
  const report = `${folder}/.vitest/report.json`;
  if (!existsSync(report)) {
    console.log(`${folder}: no test report`);
    failed += 1;
    continue;
  }
  const { numPassedTests, numFailedTests, numFailedTestSuites, numPendingTests } = JSON.parse(
    readFileSync(report, "utf8"),
  );
  passed += numPassedTests;
  failed += Math.max(numFailedTests, numFailedTestSuites > 0 ? 1 : 0);
  skipped += numPendingTests;
  console.log(`${folder}: ${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`);
}

console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exitCode = failed === 0 ? 0 : 1;
