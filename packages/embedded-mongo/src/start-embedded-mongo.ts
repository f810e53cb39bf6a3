export interface EmbeddedMongoOptions {
  /** The folder that holds the database; created where it is missing. Absent: a temporary one that `close` removes. */
  readonly path?: string;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
}

export interface EmbeddedMongo {
  /** For the official driver, `mongosh`, Compass, … */
  readonly uri: string;
  readonly port: number;
  /** Ends open connections, syncs and closes the database. */
  close(): Promise<void>;
}

/**
 * Opens the database in a folder and serves it on loopback.
 *
 * @throws DatabaseInUseError where another process has it open
 */
export async function startEmbeddedMongo(_options: EmbeddedMongoOptions = {}): Promise<EmbeddedMongo> {
  throw new Error("under construction");
}
