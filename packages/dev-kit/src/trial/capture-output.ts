import { format } from "node:util";

/** Runs something and returns what it wrote to standard output and standard error meanwhile, which is not shown. */
export async function captureOutput<Result>(
  work: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly output: string }> {
  const written: string[] = [];
  const undo = [
    replaceWrite(process.stdout, written),
    replaceWrite(process.stderr, written),
    replaceConsole(written),
  ];
  try {
    return { result: await work(), output: written.join("") };
  } finally {
    for (const restore of undo) {
      restore();
    }
  }
}

function replaceWrite(stream: NodeJS.WriteStream, written: string[]): () => void {
  const write = stream.write;
  stream.write = (chunk: unknown) => {
    written.push(chunk instanceof Uint8Array ? Buffer.from(chunk).toString("utf8") : String(chunk));
    return true;
  };
  return () => {
    stream.write = write;
  };
}

const methods = ["debug", "error", "info", "log", "warn"] as const;

/** Where tests run, the console does not write to the streams. */
function replaceConsole(written: string[]): () => void {
  const { console } = globalThis;
  const before = methods.map((method) => [method, console[method]] as const);
  for (const method of methods) {
    console[method] = (...values: unknown[]) => {
      written.push(`${format(...values)}\n`);
    };
  }
  return () => {
    for (const [method, original] of before) {
      console[method] = original;
    }
  };
}
