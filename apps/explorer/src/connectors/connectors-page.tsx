import type { StatusJson } from "@cti-connectors/server/answers";
import { askStatus } from "../api/questions.js";
import { useAnswer } from "../api/use-answer.js";
import { Answered, Empty } from "../parts/answer-state.js";
import { formatCount, formatNumber } from "../parts/numbers.js";
import { PageHead } from "../parts/page-head.js";
import { ScrollBox } from "../parts/scroll-box.js";
import { Listed, Section } from "../parts/section.js";
import { formatAge, Time } from "../parts/time.js";
import { Quarantine } from "./quarantine.js";

type Connector = StatusJson["connectors"][number];
type Run = Connector["runs"][number];

/** How the connectors are. */
export function ConnectorsPage() {
  const asked = useAnswer(askStatus);
  return (
    <main>
      <PageHead title="Connectors" />
      <Answered asked={asked} what="the state of the connectors">
        {(status) => (
          <>
            {status.connectors.length === 0 && <Empty>No connector has run yet.</Empty>}
            <div class="cards">
              {status.connectors.map((connector) => (
                <ConnectorCard key={connector.name} {...connector} />
              ))}
            </div>
            <Collections {...status} />
            <Quarantine total={status.rejected} connectors={status.connectors.map(({ name }) => name)} />
          </>
        )}
      </Answered>
    </main>
  );
}

const tones: Readonly<Record<string, string>> = {
  ok: "good",
  failed: "bad",
  interrupted: "warn",
  running: "",
};

function RunBadge({ status }: Pick<Run, "status">) {
  return <span class={`badge ${tones[status] ?? ""}`}>{status}</span>;
}

function ConnectorCard({ name, runs, lastOkAt, budget, rejected }: Connector) {
  const [last] = runs;
  return (
    <Section title={name} aside={last === undefined ? "never ran" : <RunBadge status={last.status} />}>
      <dl class="facts">
        <dt>Data of</dt>
        <dd>
          {lastOkAt === undefined ? (
            "no complete run yet"
          ) : (
            <>
              <Time at={lastOkAt} /> <small>{formatAge(lastOkAt)}</small>
            </>
          )}
        </dd>
        {budget !== undefined && (
          <>
            <dt>Requests left</dt>
            <dd>
              {/* A meter would need a colour to say the same. */}
              {formatNumber(budget.left)} of {formatNumber(budget.quota.requests)} in{" "}
              {formatCount(budget.quota.windowMs / 60_000, "minute")}
            </dd>
          </>
        )}
        <dt>Quarantine</dt>
        <dd>{rejected === 0 ? "empty" : formatCount(rejected, "record")}</dd>
      </dl>
      {runs.length > 0 && <Runs runs={runs} name={name} />}
    </Section>
  );
}

function Runs({ runs, name }: { readonly runs: readonly Run[]; readonly name: string }) {
  return (
    <Listed items={runs} first={3}>
      {(shown) => (
        <ScrollBox label={`Last runs of ${name}`}>
          <table>
            <thead>
              <tr>
                <th scope="col">Run</th>
                <th scope="col">Took</th>
                <th scope="col">Outcome</th>
              </tr>
            </thead>
            <tbody>
              {shown.map(({ runId, startedAt, finishedAt, status, reason }) => (
                <tr key={runId}>
                  <td>
                    <Time at={startedAt} />
                  </td>
                  <td>{finishedAt === undefined ? "–" : formatDuration(startedAt, finishedAt)}</td>
                  <td>
                    <RunBadge status={status} />
                    {reason !== undefined && <small class="line">{reason}</small>}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollBox>
      )}
    </Listed>
  );
}

/** `1:26`, in minutes and seconds. */
function formatDuration(from: string, to: string): string {
  const seconds = Math.round((Date.parse(to) - Date.parse(from)) / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function Collections({ store, collections }: Pick<StatusJson, "store" | "collections">) {
  return (
    <Section title="What is stored" aside={<small>database {store.db}</small>}>
      <ScrollBox label="What is stored">
        <table>
          <thead>
            <tr>
              <th scope="col">Collection</th>
              <th scope="col" class="number">
                Current
              </th>
              <th scope="col" class="number">
                Documents
              </th>
              <th scope="col">Newest</th>
            </tr>
          </thead>
          <tbody>
            {collections.map(({ name, current, documents, newestAt }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td class="number">{formatNumber(current)}</td>
                <td class="number">{formatNumber(documents)}</td>
                <td>
                  <Time at={newestAt} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
    </Section>
  );
}
