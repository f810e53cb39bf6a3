// Prints a part of the Dockerfile, one line for each element. `build`: the commands of the stages before the last one. Of the last stage, `env`:
// its variables, `entrypoint`, `command`, and `health`: the words of each.
//
//   node .ci/read-dockerfile.mjs build
import { readFileSync } from "node:fs";

const text = readFileSync(new URL("../Dockerfile", import.meta.url), "utf8");
const instructions = text
  .replaceAll(/^\s*#.*\n/gm, "")
  .replaceAll(/\\\n\s*/g, "")
  .split("\n")
  .flatMap((line) => {
    const [, name, value] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [{ name, value }];
  });
const lastStage = instructions.findLastIndex(({ name }) => name === "FROM");

/** @param {string} name @returns {string} the value of this instruction in the last stage */
function instruction(name) {
  const found = instructions.slice(lastStage).find((one) => one.name === name);
  if (found === undefined) {
    throw new Error(`The Dockerfile has no ${name} in its last stage.`);
  }
  return found.value;
}

/** @type {Record<string, () => string[]>} */
const parts = {
  build: () => instructions.slice(0, lastStage).flatMap(({ name, value }) => (name === "RUN" ? [value] : [])),
  env: () => instruction("ENV").split(/\s+/),
  entrypoint: () => JSON.parse(instruction("ENTRYPOINT")),
  command: () => JSON.parse(instruction("CMD")),
  health: () => JSON.parse(instruction("HEALTHCHECK").replace(/^.*?CMD\s+/, "")),
};

console.log(parts[process.argv[2] ?? ""]?.().join("\n"));
