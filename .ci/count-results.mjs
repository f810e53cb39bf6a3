// Adds up the reports that vitest wrote in every package and the checks of .ci/run: "N passed, N failed[, N skipped]".
// Before it, what failed, so that the end of the output tells it.
//
//   node .ci/count-results.mjs REPORTS PASSED FAILED "PART PART …"     checks passed and failed, and the parts that ran
import { existsSync, readdirSync, readFileSync } from "node:fs";

const [reports = "", checksPassed = "0", checksFailed = "0", asked = ""] = process.argv.slice(2);
const parts = asked.split(" ");
const LINES_OF_FAILURE = 20;
let passed = Number(checksPassed);
let failed = Number(checksFailed);
let skipped = 0;

for (const folder of parts.includes("test") ? ["apps", "packages"] : []) {
  for (const name of readdirSync(folder)) {
    countReport(`${folder}/${name}`, `${reports}/${folder}/${name}.json`);
  }
}
// Of .ci/test-on-node.sh. Where one is missing, its check has failed.
for (const folder of existsSync(reports)
  ? readdirSync(reports).filter((name) => name.startsWith("on-node-"))
  : []) {
  const packages = `${reports}/${folder}/reports/packages`;
  for (const file of existsSync(packages) ? readdirSync(packages) : []) {
    countReport(`${folder}: packages/${file.replace(/\.json$/, "")}`, `${packages}/${file}`);
  }
}
// Of .ci/test-with-pymongo.sh.
if (parts.includes("pymongo")) {
  countReport("pymongo", `${reports}/pymongo.json`);
}

console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exitCode = failed === 0 ? 0 : 1;

/** @param {string} title @param {string} text */
function tellFailure(title, text) {
  console.log([`failed: ${title}`, ...text.split("\n").slice(0, LINES_OF_FAILURE)].join("\n    "));
}

/** @param {string} name @param {string} report path */
function countReport(name, report) {
  if (!existsSync(report)) {
    console.log(`${name}: no test report`);
    failed += 1;
    return;
  }
  const { numPassedTests, numFailedTests, numFailedTestSuites, numPendingTests, testResults } = JSON.parse(
    readFileSync(report, "utf8"),
  );
  passed += numPassedTests;
  failed += Math.max(numFailedTests, numFailedTestSuites > 0 ? 1 : 0);
  skipped += numPendingTests;
  for (const { name: file, status, message, assertionResults } of testResults) {
    const tests = assertionResults.filter((test) => test.status === "failed");
    for (const { fullName, failureMessages } of tests) {
      tellFailure(`${name}: ${file}: ${fullName}`, failureMessages.join("\n"));
    }
    if (status === "failed" && tests.length === 0) {
      tellFailure(`${name}: ${file}`, message);
    }
  }
  console.log(`${name}: ${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`);
}
