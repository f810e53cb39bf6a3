import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { startEmbeddedMongo } from "../server/start-embedded-mongo.js";

/** A process of its own: starts a temporary database, tells what lies in the folder for such, and ends without closing. */
await startEmbeddedMongo();
process.stdout.write(`${readdirSync(tmpdir()).join("\n")}\n`, () => {
  if (process.argv[2] === "throw") {
    throw new Error("as a program fails");
  }
  process.exit(3);
});
