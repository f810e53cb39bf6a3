import { connect as connectTo, createServer, type Socket } from "node:net";
import { type Disturbance, disturb, isMeant, type MongoFault } from "./mongo-fault.js";
import {
  answeredIdOf,
  type Command,
  createSplitter,
  encodeOpReply,
  parseBeginning,
  parseCommand,
  parseReply,
  requestIdOf,
} from "./op-msg.js";

export interface FaultyMongo {
  /** For the driver: leads to the server by way of the faults. */
  readonly uri: string;
  /** How often a fault happened. */
  hits(): number;
  /** Removes all faults. */
  heal(): void;
  /** Cuts all connections. */
  close(): Promise<void>;
}

/**
 * Puts faults between a driver and a MongoDB server, on loopback. A driver that retries (`retryWrites`, on a replica set) meets
 * a fault twice per attempt.
 *
 * @param parameters of the connection string, such as `socketTimeoutMS=500`
 */
export async function startFaultyMongo(
  uri: string,
  faults: readonly MongoFault[],
  parameters = "",
): Promise<FaultyMongo> {
  const { hostname, port } = new URL(uri);
  const plan = planFaults(faults);
  const sockets = new Set<Socket>();
  const proxy = createServer((client) => {
    const server = connectTo(Number(port), hostname);
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        client.destroy();
        server.destroy();
      });
    }
    relay(client, server, plan);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const address = proxy.address();
  const proxyPort = typeof address === "object" && address !== null ? address.port : 0;
  return {
    uri: `mongodb://127.0.0.1:${proxyPort}/?directConnection=true${parameters && `&${parameters}`}`,
    hits: plan.hits,
    heal: plan.heal,
    async close() {
      for (const socket of sockets) {
        socket.destroy();
      }
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}

interface FaultPlan extends Pick<FaultyMongo, "hits" | "heal"> {
  /** The fault that this command meets. */
  take(command: Command): MongoFault | undefined;
  /** Whether everything is lost from now on. */
  isBlackHole(): boolean;
}

function planFaults(faults: readonly MongoFault[]): FaultPlan {
  const left = faults.map((fault) => ({ fault, after: fault.after ?? 0, times: fault.times ?? 1 }));
  let hits = 0;
  let isBlackHole = false;
  return {
    hits: () => hits,
    heal() {
      left.length = 0;
    },
    isBlackHole: () => isBlackHole,
    take(command) {
      const found = left.find(
        ({ fault, times }) =>
          times > 0 && command.isWhole === (fault.mode !== "stall") && isMeant(fault, command),
      );
      if (found === undefined) {
        return undefined;
      }
      if (found.after > 0) {
        found.after -= 1;
        return undefined;
      }
      found.times -= 1;
      hits += 1;
      isBlackHole ||= found.fault.mode === "blackHole";
      return found.fault;
    },
  };
}

/** Passes on the messages of one connection, both ways, and applies the faults that they meet. */
function relay(client: Socket, server: Socket, plan: FaultPlan): void {
  const disturbedReplies = new Map<number, NonNullable<Disturbance["reply"]>>();
  const splitRequests = createSplitter();
  const splitReplies = createSplitter();

  client.on("data", (chunk: Buffer) => {
    if (plan.isBlackHole()) {
      return;
    }
    const messages = splitRequests(chunk);
    if (messages.length === 0) {
      const begun = parseBeginning(chunk);
      if (begun !== undefined && plan.take(begun)?.mode === "stall") {
        client.pause();
      }
    }
    for (const message of messages) {
      const command = parseCommand(message);
      const fault = command && plan.take(command);
      if (command === undefined || fault === undefined) {
        server.write(message);
        continue;
      }
      const { request, answer, reply, isCut } = disturb(fault, command, message);
      if (reply !== undefined) {
        disturbedReplies.set(requestIdOf(message), reply);
      }
      if (request !== undefined) {
        server.write(request);
      }
      if (answer !== undefined) {
        client.write(answer);
      }
      if (isCut) {
        client.destroy();
      }
    }
  });
  server.on("data", (chunk: Buffer) => {
    if (plan.isBlackHole()) {
      return;
    }
    for (const message of splitReplies(chunk)) {
      const request = answeredIdOf(message);
      const disturbed = disturbedReplies.get(request);
      disturbedReplies.delete(request);
      if (disturbed === "cut") {
        client.destroy();
      } else if (disturbed !== "lost") {
        client.write(
          disturbed === undefined ? message : encodeOpReply(request, disturbed(parseReply(message))),
        );
      }
    }
  });
}
