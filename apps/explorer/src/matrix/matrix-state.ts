import type { PageQuery } from "../location/use-query.js";
import type { MatrixFilter, Opened } from "./lay-out.js";
import { type MatrixView, views } from "./marks.js";

/** What the address of a matrix says. */
export interface MatrixState {
  readonly release: string | undefined;
  readonly by: MatrixView;
  readonly days: number;
  /** Groups, software, campaigns and families. */
  readonly subjects: readonly string[];
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly filter: MatrixFilter;
  readonly opened: Opened;
}

const defaultDays = 30;
const mostDays = 3650;

/** What an address does not say, or says wrongly, is as it is by default. */
export function readMatrixState(query: Pick<PageQuery, "get" | "getAll">): MatrixState {
  const days = Number(query.get("days"));
  const opened = query.get("open") ?? "";
  return {
    release: query.get("release"),
    by: views.find((view) => view === query.get("by")) ?? "iocs",
    days: Number.isInteger(days) && days >= 1 && days <= mostDays ? days : defaultDays,
    subjects: query.getAll("subject"),
    from: query.get("from"),
    to: query.get("to"),
    filter: {
      tactics: query.getAll("tactic"),
      platforms: query.getAll("platform"),
      onlyMarked: query.get("only") === "marked",
    },
    opened: opened === "all" ? "all" : new Set(opened.split(",").filter((id) => id !== "")),
  };
}

/** Whose matrix is shown: of two releases that are compared, the newer one. */
export function shownRelease({
  by,
  release,
  to,
}: Pick<MatrixState, "by" | "release" | "to">): string | undefined {
  return by === "changes" ? to : release;
}

/** The value of `open` after a technique was opened or closed. */
export function toggleOpened(
  opened: Opened,
  technique: string,
  openable: readonly string[],
): string | undefined {
  const before = opened === "all" ? new Set(openable) : opened;
  const after = before.has(technique) ? [...before].filter((id) => id !== technique) : [...before, technique];
  return after.length === 0 ? undefined : after.sort().join(",");
}
