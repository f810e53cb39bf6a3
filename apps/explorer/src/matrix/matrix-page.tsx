import type { LayerJson, MatrixJson } from "@cti-connectors/server/answers";
import { useMemo } from "preact/hooks";
import { useRoute } from "preact-iso/router";
import {
  askChangesLayer,
  askGroupsLayer,
  askIocsLayer,
  askMatrix,
  askReleases,
  askUsageLayer,
} from "../api/questions.js";
import type { Question } from "../api/request-answer.js";
import { useAnswer } from "../api/use-answer.js";
import { type PageQuery, useQuery } from "../location/use-query.js";
import { Answered, Empty } from "../parts/answer-state.js";
import { PageHead } from "../parts/page-head.js";
import { ExportMenu } from "./export-menu.js";
import { layOut } from "./lay-out.js";
import { Legend } from "./legend.js";
import { readMarks } from "./marks.js";
import { MatrixBoard } from "./matrix-board.js";
import { MatrixControls } from "./matrix-controls.js";
import { MatrixFilters } from "./matrix-filters.js";
import { type MatrixState, readMatrixState, shownRelease, toggleOpened } from "./matrix-state.js";

/** The matrix of a domain as a heat map. */
export function MatrixPage() {
  const query = useQuery();
  const { domain = "enterprise-attack" } = useRoute().params;
  const state = readMatrixState(query);
  const releases = useAnswer(askReleases);
  const matrix = useAnswer(askMatrix(domain, shownRelease(state)));
  const layer = useAnswer(layerQuestion(domain, state));
  const name = releases.answer?.domains.find((each) => each.domain === domain)?.name ?? domain;
  return (
    <main class="wide">
      <PageHead title={`${name} matrix`}>
        {matrix.answer?.release !== undefined && <span class="badge">ATT&CK {matrix.answer.release}</span>}
      </PageHead>
      <MatrixControls domain={domain} releases={releases.answer} state={state} query={query} />
      <Answered asked={matrix} what="the matrix">
        {(answer) =>
          state.by === "subjects" && state.subjects.length === 0 ? (
            <>
              <Empty>Name groups, software, campaigns or malware families above to see what they use.</Empty>
              <MatrixShown matrix={answer} layer={undefined} state={state} query={query} />
            </>
          ) : (
            <>
              <Answered asked={layer} what="the colours of the matrix">
                {() => null}
              </Answered>
              <MatrixShown
                matrix={answer}
                layer={layer.error === undefined ? layer.answer : undefined}
                state={state}
                query={query}
              />
            </>
          )
        }
      </Answered>
    </main>
  );
}

function layerQuestion(
  domain: string,
  { by, days, release, subjects, from, to }: MatrixState,
): Question<LayerJson> | undefined {
  switch (by) {
    case "iocs":
      return askIocsLayer(domain, release, days);
    case "groups":
      return askGroupsLayer(domain, release);
    case "subjects":
      return subjects.length === 0 ? undefined : askUsageLayer(domain, release, subjects);
    case "changes":
      return askChangesLayer(domain, from, to);
  }
}

interface MatrixShownProps {
  readonly matrix: MatrixJson;
  readonly layer: LayerJson | undefined;
  readonly state: MatrixState;
  readonly query: PageQuery;
}

const noMarks = { byTechnique: new Map(), legend: [] };

function MatrixShown({ matrix, layer, state, query }: MatrixShownProps) {
  const { by, filter, opened } = state;
  const key = JSON.stringify([filter, opened === "all" ? opened : [...opened]]);
  const marks = useMemo(() => (layer === undefined ? noMarks : readMarks(layer, by)), [layer, by]);
  // The filter and what is opened are new objects each time: their key stands for them.
  const columns = useMemo(() => layOut(matrix, marks, filter, opened), [matrix, marks, key]);
  const openable = Object.values(matrix.techniques)
    .filter(({ sub_techniques }) => sub_techniques.length > 0)
    .map(({ attack_id }) => attack_id);
  const toggle = (technique: string) =>
    query.change({ open: toggleOpened(opened, technique, openable) }, true);
  const title = layer?.name ?? `${matrix.domain} ${matrix.release ?? ""}`;
  return (
    <>
      <div class="matrix-bar">
        <MatrixFilters matrix={matrix} state={state} query={query} />
        <ExportMenu matrix={matrix} layer={layer} columns={columns} marks={marks} title={title} />
      </div>
      <Legend entries={marks.legend} title={layer?.name} />
      <MatrixBoard columns={columns} label={title} release={shownRelease(state)} onToggle={toggle} />
    </>
  );
}
