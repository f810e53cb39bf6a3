import type { ReleasesJson } from "@cti-connectors/server/answers";
import { linkToMatrix } from "../location/links.js";
import type { PageQuery } from "../location/use-query.js";
import { Choice } from "../parts/choice.js";
import type { MatrixView } from "./marks.js";
import type { MatrixState } from "./matrix-state.js";
import { SubjectPicker } from "./subject-picker.js";

interface MatrixControlsProps {
  readonly domain: string;
  readonly releases: ReleasesJson | undefined;
  readonly state: MatrixState;
  readonly query: PageQuery;
}

const viewNames: Readonly<Record<MatrixView, string>> = {
  iocs: "Recent IOCs",
  groups: "Groups",
  subjects: "Compare",
  changes: "Changes",
};
const periods = [7, 30, 90, 365];

/** Which matrix is shown, and what it is coloured by. */
export function MatrixControls(props: MatrixControlsProps) {
  const { domain, releases, state, query } = props;
  return (
    <div class="controls">
      <nav class="segments" aria-label="Domain">
        {(releases?.domains ?? []).map(({ domain: id, name }) => (
          <a
            key={id}
            href={linkToMatrix(id, { by: state.by, days: String(state.days) })}
            aria-current={id === domain ? "page" : undefined}
          >
            {name}
          </a>
        ))}
      </nav>
      <nav class="segments" aria-label="Coloured by">
        {Object.entries(viewNames).map(([id, name]) => (
          <a key={id} href={query.with({ by: id })} aria-current={id === state.by ? "true" : undefined}>
            {name}
          </a>
        ))}
      </nav>
      <ViewControls {...props} />
    </div>
  );
}

function ViewControls({ domain, releases, state, query }: MatrixControlsProps) {
  const stored = releases?.domains.find((each) => each.domain === domain)?.stored ?? [];
  const newestFirst = stored.toReversed().map((value) => ({ value, name: value }));
  const choose = (name: string) => (value: string) => query.change({ [name]: value || undefined });
  if (state.by === "changes") {
    return (
      <>
        <Choice
          label="From"
          value={state.from}
          options={[{ value: "", name: "the one before" }, ...newestFirst]}
          onChange={choose("from")}
        />
        <Choice
          label="To"
          value={state.to}
          options={[{ value: "", name: "the newest" }, ...newestFirst]}
          onChange={choose("to")}
        />
      </>
    );
  }
  return (
    <>
      {state.by === "iocs" && (
        <Choice
          label="First seen in the last"
          value={String(state.days)}
          options={[...new Set([...periods, state.days])].map((days) => ({
            value: String(days),
            name: `${days} days`,
          }))}
          onChange={choose("days")}
        />
      )}
      {state.by === "subjects" && <SubjectPicker subjects={state.subjects} query={query} />}
      <Choice
        label="Release"
        value={state.release}
        options={[{ value: "", name: "current" }, ...newestFirst]}
        onChange={choose("release")}
      />
    </>
  );
}
