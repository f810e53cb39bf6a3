// Adds up the reports that vitest wrote in every package and the checks of .ci/run: "N passed, N failed[, N skipped]".
// Before it, what failed, so that the end of the output tells it.
import { existsSync, readdirSync, readFileSync } from "node:fs";

const [reports = "", ...checks] = process.argv.slice(2);
const [checksPassed = 0, checksFailed = 0] = checks.map(Number);
const LINES_OF_FAILURE = 20;
let passed = checksPassed;
let failed = checksFailed;
let skipped = 0;

const folders = ["packages", "apps"].flatMap((room) => readdirSync(room).map((name) => `${room}/${name}`));

for (const folder of folders) {
  const report = `${reports}/${folder}.json`;
  if (!existsSync(report)) {
    console.log(`${folder}: no test report`);
    failed += 1;
    continue;
  }
  const { numPassedTests, numFailedTests, numFailedTestSuites, numPendingTests, testResults } = JSON.parse(
    readFileSync(report, "utf8"),
  );
  passed += numPassedTests;
  failed += Math.max(numFailedTests, numFailedTestSuites > 0 ? 1 : 0);
  skipped += numPendingTests;
  for (const { name, status, message, assertionResults } of testResults) {
    const tests = assertionResults.filter((test) => test.status === "failed");
    for (const { fullName, failureMessages } of tests) {
      tellFailure(`${name}: ${fullName}`, failureMessages.join("\n"));
    }
    if (status === "failed" && tests.length === 0) {
      tellFailure(name, message);
    }
  }
  console.log(`${folder}: ${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`);
}

console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exitCode = failed === 0 ? 0 : 1;

/** @param {string} title @param {string} text */
function tellFailure(title, text) {
  console.log([`failed: ${title}`, ...text.split("\n").slice(0, LINES_OF_FAILURE)].join("\n    "));
}
