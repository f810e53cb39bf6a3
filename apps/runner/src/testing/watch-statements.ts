import type { Store } from "@cti-connectors/core/host";

type Fields = Readonly<Record<string, unknown>>;

/** What decides to which shards a statement goes. */
export interface Statement {
  readonly collection: string;
  readonly command: string;
  /** As it was sent. */
  readonly query: Fields;
  /** Fields of the filter, sorted; with `_id` first where it names one, `_id in` where it lists some. */
  readonly filter: string;
  /** Whether the filter names one `_id`, so that one shard gets it. */
  readonly isTargeted: boolean;
}

/** Commands that read or write no documents, or belong to a cursor that was opened before. */
const others = new Set([
  "createIndexes",
  "explain",
  "hello",
  "ping",
  "getMore",
  "killCursors",
  "endSessions",
  "listCollections",
  "listIndexes",
]);

/**
 * Takes note of every statement that a store's driver sends from now on.
 *
 * @throws where a command is sent that is not known here
 */
export function watchStatements({ database }: Store): readonly Statement[] {
  const statements: Statement[] = [];
  database.client.on("commandStarted", ({ commandName, command }) => {
    if (!others.has(commandName)) {
      const collection = String(command[commandName]);
      for (const filter of filtersOf(commandName, command)) {
        statements.push({ collection, command: commandName, query: filter, ...describeFilter(filter) });
      }
    }
  });
  return statements;
}

function filtersOf(name: string, command: Fields): readonly Fields[] {
  const listed = (field: string) => (Array.isArray(command[field]) ? command[field] : []);
  switch (name) {
    case "insert":
      return listed("documents").map(({ _id }) => ({ _id }));
    case "update":
      return listed("updates").map(({ q, multi }) => ({ ...q, ...(multi === true && { "(multi)": true }) }));
    case "delete":
      return listed("deletes").map(({ q, limit }) => ({ ...q, ...(limit !== 1 && { "(multi)": true }) }));
    case "findAndModify":
    case "distinct":
      return [fieldsIn(command.query)];
    case "find":
      return [fieldsIn(command.filter)];
    case "count":
      return [fieldsIn(command.query)];
    case "aggregate":
      return [fieldsIn(listed("pipeline")[0]?.$match)];
    default:
      throw new Error(`the command ${name} is not known here: say which of its fields is the filter`);
  }
}

function describeFilter({ _id, ...fields }: Fields): Pick<Statement, "filter" | "isTargeted"> {
  const isOne = typeof _id === "string";
  const id = _id === undefined ? [] : [isOne ? "_id" : "_id in"];
  return {
    filter: [...id, ...Object.keys(fields).sort()].join(", "),
    isTargeted: isOne && !("(multi)" in fields),
  };
}

function fieldsIn(value: unknown): Fields {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
