// Writes the public API of the package in the current folder to its api.md, from the compiled declarations; or compares it with that.
//
//   node ../../scripts/api-report.mjs             write api.md
//   node ../../scripts/api-report.mjs --check     exit status 1 if api.md is not what would be written
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process, { argv, cwd } from "node:process";
import { Extractor, ExtractorConfig } from "@microsoft/api-extractor";

const folder = cwd();
const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
const target = join(folder, "api.md");
const intro = `# Public API of \`${manifest.name}\`

Generated: run \`pnpm api\` after a change. In a review, a change here is a change that users of the package can notice.

`;

/** `./describe-on-servers` → `entryDescribeOnServers`. */
function nameEntryPoint(path) {
  const words = path.slice(2).split(/\W/).filter(Boolean);
  return ["entry", ...words.map((word) => word[0].toUpperCase() + word.slice(1))].join("");
}

/** One module with a namespace for each entry point: what several of them share is then described once. */
function writeIndex(work) {
  const [[, { types }], ...more] = Object.entries(manifest.publishConfig.exports);
  if (more.length === 0) {
    return join(folder, types);
  }
  const file = join(work, "index.d.ts");
  const lines = Object.entries(manifest.publishConfig.exports).map(
    ([path, entry]) =>
      `export * as ${nameEntryPoint(path)} from "${join("..", entry.types)
        .replaceAll("\\", "/")
        .replace(/\.d\.ts$/, ".js")}";\n`,
  );
  writeFileSync(file, lines.join(""));
  return file;
}

function configure(work) {
  const entry = writeIndex(work);
  const silent = { default: { logLevel: "none" } };
  return ExtractorConfig.prepare({
    packageJsonFullPath: join(folder, "package.json"),
    configObjectFullPath: undefined,
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: entry,
      newlineKind: "lf",
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            module: "nodenext",
            target: "es2023",
            lib: ["es2023"],
            types: ["node"],
            strict: true,
            exactOptionalPropertyTypes: true,
            skipLibCheck: true,
          },
          files: [entry],
        },
      },
      apiReport: {
        enabled: true,
        includeForgottenExports: true,
        reportFileName: "api.api.md",
        reportFolder: work,
        reportTempFolder: join(work, "new"),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: "error" } },
        extractorMessageReporting: silent,
        tsdocMessageReporting: silent,
      },
    },
  });
}

function describeApi() {
  // Inside of the package, where its dependencies are found.
  const work = mkdtempSync(join(folder, ".api-"));
  try {
    mkdirSync(join(work, "new"));
    const { succeeded } = Extractor.invoke(configure(work), {
      localBuild: true,
      messageCallback: (message) => {
        message.handled = message.logLevel !== "error";
      },
    });
    if (!succeeded) {
      throw new Error(`The declarations of ${manifest.name} cannot be read: see the lines above.`);
    }
    const report = readFileSync(join(work, "new", "api.api.md"), "utf8");
    // Remarks of the tool, such as "// @public" and "// (undocumented)".
    return (
      intro +
      report
        .slice(report.indexOf("```ts"))
        .replaceAll(/^ *\/\/.*\n/gm, "")
        .replaceAll(/\n{3,}/g, "\n\n")
    );
  } finally {
    rmSync(work, { recursive: true });
  }
}

const api = describeApi();
if (!argv.includes("--check")) {
  writeFileSync(target, api);
} else if (!existsSync(target) || readFileSync(target, "utf8").replaceAll("\r\n", "\n") !== api) {
  console.error(
    `The public API of ${manifest.name} is not what its api.md says. If the change is intended, run: pnpm api. Then commit api.md.`,
  );
  process.exitCode = 1;
}
