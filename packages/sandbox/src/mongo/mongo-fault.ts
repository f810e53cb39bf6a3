import type { Document } from "bson";
import { type Command, encodeCommand, encodeOpReply, requestIdOf } from "./op-msg.js";

/** What goes wrong between the driver and the server. */
export interface MongoFault {
  /** Name of the command, or of several: `insert`, `update`, `find` … */
  readonly command: string | readonly string[];
  /** Only on this collection. Default: on all. */
  readonly collection?: string;
  /**
   * `perWrite`: the writes of `indexes` are refused, the server gets the others. `command`: the whole command is refused, the server gets
   * nothing. `writeConcern`: the server does it, and reports that the write concern was not met. `cut`: the connection is closed once
   * the server has answered, and the answer is lost; `cutBefore`: before it gets the command. `swallow`: the command is lost, and the
   * connection stays open; `swallowReply`: the answer is. `blackHole`: from then on
   * everything is, on all connections. `stall`: nothing is read from the driver any more once a message
   * too large for one packet has begun, which fills its socket.
   */
  readonly mode:
    | "perWrite"
    | "command"
    | "writeConcern"
    | "cut"
    | "cutBefore"
    | "swallow"
    | "swallowReply"
    | "blackHole"
    | "stall";
  readonly code?: number;
  readonly errmsg?: string;
  readonly labels?: readonly string[];
  /** Which writes of the command `perWrite` refuses. Default: the first. */
  readonly indexes?: readonly number[] | "all";
  /** Refuses only writes or commands that hold this text, wherever it stands; `indexes` does not count then. */
  readonly holding?: string;
  /** How many of these commands pass first. Default: 0. */
  readonly after?: number;
  /** How often it happens. Default: once. */
  readonly times?: number;
}

/** What becomes of a command that met a fault. Without any field it is lost. */
export interface Disturbance {
  /** What the server gets. */
  readonly request?: Buffer;
  /** What the driver gets at once. */
  readonly answer?: Buffer;
  /** What becomes of the server's reply: it is rewritten, or lost, with the connection or without. */
  readonly reply?: ((reply: Document) => Document) | "cut" | "lost";
  /** The connection is cut at once. */
  readonly isCut?: boolean;
}

/** What `fault` makes of a command and the message that holds it. */
export function disturb(fault: MongoFault, command: Command, message: Buffer): Disturbance {
  const id = requestIdOf(message);
  const { code = 0, errmsg = "a fault of the test", labels = [] } = fault;
  const marked = labels.length === 0 ? {} : { errorLabels: labels };
  switch (fault.mode) {
    case "command":
      return { answer: encodeOpReply(id, { ok: 0, code, errmsg, ...marked }) };
    case "perWrite": {
      const refused = indexesOf(fault, command.writes);
      const writeErrors = refused.map((index) => ({ index, code, errmsg }));
      const kept = [...command.writes.keys()].filter((index) => !refused.includes(index));
      if (kept.length === 0) {
        return { answer: encodeOpReply(id, { ok: 1, n: 0, nModified: 0, writeErrors, ...marked }) };
      }
      return {
        request: encodeCommand(id, command, kept),
        reply: (reply) => ({ ...renumbered(reply, kept, writeErrors), ...marked }),
      };
    }
    case "writeConcern":
      return {
        request: message,
        reply: (reply) => ({ ...reply, writeConcernError: { code, errmsg }, ...marked }),
      };
    case "cut":
      return { request: message, reply: "cut" };
    case "swallowReply":
      return { request: message, reply: "lost" };
    case "cutBefore":
      return { isCut: true };
    case "blackHole":
    case "swallow":
    case "stall":
      return {};
  }
}

/** Whether a fault is for such a command. */
export function isMeant(
  { command, collection, holding }: MongoFault,
  { name, body, writes }: Command,
): boolean {
  return (
    [command].flat().includes(name) &&
    (collection === undefined || body[name] === collection) &&
    (holding === undefined || holds([body, ...writes], holding))
  );
}

function indexesOf({ indexes = [0], holding }: MongoFault, writes: readonly Document[]): readonly number[] {
  const all = [...writes.keys()];
  if (holding !== undefined) {
    return all.filter((index) => holds(writes[index], holding));
  }
  return indexes === "all" ? all : all.filter((index) => indexes.includes(index));
}

function holds(value: unknown, text: string): boolean {
  return JSON.stringify(value).includes(text);
}

/** The server's reply to some of the writes, as one to all of them. */
function renumbered(
  reply: Document,
  kept: readonly number[],
  writeErrors: readonly { readonly index: number }[],
): Document {
  const renumber = (list: unknown) =>
    Array.isArray(list) ? list.map((entry) => ({ ...entry, index: kept[entry.index] })) : [];
  const upserted = renumber(reply.upserted);
  const errors = [...renumber(reply.writeErrors), ...writeErrors].sort(
    (one, other) => one.index - other.index,
  );
  return { ...reply, ...(upserted.length > 0 && { upserted }), writeErrors: errors };
}
