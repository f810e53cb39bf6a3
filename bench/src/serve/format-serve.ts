import { formatTable } from "../format-table.js";
import type { ClientsResult } from "./measure-clients.js";
import type { PageOfServer } from "./measure-pages.js";

/** What a page takes on MITRE's own server, whatever its size (measured over 24,772 objects, see README.md). */
const mitreMilliseconds = 7_500;

const count = (number: number) => Math.round(number).toLocaleString("en");

/** One line per page, compared with MITRE's own server. */
export function formatPages(pages: readonly PageOfServer[]): string {
  return formatTable(
    ["", "objects", "kB", "ms", "× as fast as 7.5 s"],
    pages.map(({ title, objects, bytes, milliseconds }) => [
      title,
      count(objects),
      count(bytes / 1_000),
      count(milliseconds),
      (mitreMilliseconds / milliseconds).toFixed(1),
    ]),
  );
}

/** What the clients got, and what the server took. */
export function formatClients(
  { clients, seconds, pages, objects, megabytes, milliseconds }: ClientsResult,
  memoryMB: number,
): string {
  const at = (share: number) => count(milliseconds[Math.floor((milliseconds.length - 1) * share)] ?? 0);
  return formatTable(
    ["", "seconds", "pages", "pages/s", "objects/s", "MB/s", "median ms", "slowest ms", "anonymous MB"],
    [
      [
        `${clients} clients`,
        seconds.toFixed(0),
        count(pages),
        (pages / seconds).toFixed(1),
        count(objects / seconds),
        (megabytes / seconds).toFixed(1),
        at(0.5),
        at(1),
        memoryMB.toFixed(0),
      ],
    ],
  );
}
