import { Binary, UUID } from "bson";
import { decodePlain } from "../bson/bson-codec.js";
import type { CommandHandler } from "../protocol/command-context.js";
import { documentsField } from "../protocol/command-request.js";

export const startSession: CommandHandler = () => ({
  id: { id: new UUID() },
  timeoutMinutes: 30,
});

/** Sessions carry nothing here but the cursors that were opened in them. */
export const endSessions: CommandHandler = (context, request) => {
  const ended = new Set<string>();
  for (const bytes of documentsField(request, request.name)) {
    const { id } = decodePlain(bytes);
    if (id instanceof Binary) {
      ended.add(id.toString("hex"));
    }
  }
  context.cursors.killWhere((cursor) => cursor.session !== undefined && ended.has(cursor.session));
  return {};
};

export const refreshSessions: CommandHandler = () => ({});
