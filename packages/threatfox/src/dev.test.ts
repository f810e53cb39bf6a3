import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

test("the dev script runs the connector on sources, shows what was loaded, and ends", async () => {
  const tsx = createRequire(import.meta.url).resolve("tsx/cli");
  const script = fileURLToPath(new URL("dev.ts", import.meta.url));
  const child = spawn(process.execPath, [tsx, "--conditions=@cti-connectors/source", script], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "exit"),
  ]);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  expect(stdout).toMatch(/Cobalt Strike/u);
  expect(stdout).toMatch(/^threatfox: ok, requests: 3$/mu);
  expect(stdout).toMatch(/^ {2}iocs: [1-9]\d* inserted, 0 updated, 0 unchanged, 0 rejected$/mu);
}, 60_000);
