import { createServer, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import { z } from "zod";

const notification = z.object({
  version: z.literal(1),
  id: z.string(),
  event: z.string(),
  resolved: z.boolean(),
  severity: z.string(),
  time: z.string(),
  program: z.string(),
  database: z.string(),
  connector: z.string().nullable(),
  title: z.string(),
  text: z.string(),
  details: z.record(z.string(), z.unknown()),
});

export interface Receiver {
  /** A webhook whose path is a secret. */
  readonly url: string;
  readonly bodies: readonly string[];
  /** The bodies, as the JSON that is documented. */
  notifications(): readonly z.output<typeof notification>[];
  /** Answers from now on with this. Default: 200. */
  answer(answer: (response: ServerResponse) => unknown): void;
}

/** The secret in the address of every receiver. */
export const receiverSecret = "T024BE7LD-B024BE7LH-wR8mQ2xZ";

/** A webhook on 127.0.0.1 that keeps what it got. It is closed when the test ends. */
export async function startReceiver(): Promise<Receiver> {
  const bodies: string[] = [];
  let answer: Parameters<Receiver["answer"]>[0] = (response) => response.writeHead(200).end("ok");
  const server = createServer(async (request, response) => {
    bodies.push(await text(request));
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") {
    throw new Error("the receiver has no port");
  }
  return {
    url: `http://127.0.0.1:${address.port}/services/${receiverSecret}`,
    bodies,
    notifications: () => bodies.map((body) => notification.parse(JSON.parse(body))),
    answer(next) {
      answer = next;
    },
  };
}
