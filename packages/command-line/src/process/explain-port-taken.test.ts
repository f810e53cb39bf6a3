import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { explainPortTaken } from "./explain-port-taken.js";

test("names the port and the option where a port is taken", async () => {
  const first = createServer().listen(0, "127.0.0.1");
  await once(first, "listening");
  const address = first.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const second = createServer().listen(port, "127.0.0.1");
  const [error] = await once(second, "error");
  first.close();

  const text = explainPortTaken(error, "--port");

  expect(text).toContain(`Port ${port} of 127.0.0.1 is taken`);
  expect(text).toContain("--port 0");
});

test("says nothing about other errors", () => {
  expect(explainPortTaken(new Error("no"), "--port")).toBeUndefined();
  expect(explainPortTaken(undefined, "--port")).toBeUndefined();
});
