import type { DailyIocsJson } from "@cti-connectors/server/answers";
import { askDailyIocs } from "../api/questions.js";
import { useAnswer } from "../api/use-answer.js";
import { linkToFamily } from "../location/links.js";
import type { PageQuery } from "../location/use-query.js";
import { Answered, Empty } from "../parts/answer-state.js";
import { Choice } from "../parts/choice.js";
import { formatNumber } from "../parts/numbers.js";
import { ScrollBox } from "../parts/scroll-box.js";
import { Section } from "../parts/section.js";
import { DailyChart, Sparkline, totalsOf } from "./daily-chart.js";

const periods = [7, 30, 90];
const usualDays = 30;

/** IOCs per day, by malware family or by type. */
export function DailyIocs({ query }: { readonly query: PageQuery }) {
  const by = query.get("by") === "type" ? "type" : "malware";
  const days = periods.find((each) => String(each) === query.get("days")) ?? usualDays;
  const asked = useAnswer(askDailyIocs(days, by));
  return (
    <Section
      title="IOCs per day"
      aside={
        <div class="controls">
          <nav class="segments" aria-label="Counted by">
            <a href={query.with({ by: undefined })} aria-current={by === "malware" ? "true" : undefined}>
              Family
            </a>
            <a href={query.with({ by: "type" })} aria-current={by === "type" ? "true" : undefined}>
              Type
            </a>
          </nav>
          <Choice
            label="Last"
            value={String(days)}
            options={periods.map((each) => ({ value: String(each), name: `${each} days` }))}
            onChange={(value) => query.change({ days: value })}
          />
        </div>
      }
    >
      <Answered asked={asked} what="the IOCs per day">
        {(daily) => <Daily daily={daily} by={by} />}
      </Answered>
    </Section>
  );
}

function Daily({ daily, by }: { readonly daily: DailyIocsJson; readonly by: "malware" | "type" }) {
  const totals = totalsOf(daily);
  if (totals.every((total) => total === 0)) {
    return <Empty>No IOC was first seen in these days.</Empty>;
  }
  return (
    <>
      <ScrollBox label="IOCs per day">
        <DailyChart days={daily.days} totals={totals} />
      </ScrollBox>
      <SeriesTable daily={daily} by={by} />
      <details class="folded">
        <summary>All numbers</summary>
        <AllNumbers daily={daily} totals={totals} />
      </details>
    </>
  );
}

function SeriesTable({
  daily: { series, other },
  by,
}: {
  readonly daily: DailyIocsJson;
  readonly by: string;
}) {
  const rows = [...series, { key: "", name: "All others", counts: other }];
  const most = Math.max(1, ...rows.flatMap(({ counts }) => counts));
  return (
    <ScrollBox label="IOCs by series">
      <table>
        <thead>
          <tr>
            <th scope="col">{by === "type" ? "Type" : "Family"}</th>
            <th scope="col">Per day</th>
            <th scope="col" class="number">
              Last day
            </th>
            <th scope="col" class="number">
              All days
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, name, counts }) => (
            <tr key={key}>
              <th scope="row">
                {by === "type" || key === "" ? name : <a href={linkToFamily(key)}>{name}</a>}
              </th>
              <td>
                <Sparkline counts={counts} most={most} />
              </td>
              <td class="number">{formatNumber(counts.at(-1) ?? 0)}</td>
              <td class="number">{formatNumber(counts.reduce((sum, count) => sum + count, 0))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

interface AllNumbersProps {
  readonly daily: DailyIocsJson;
  readonly totals: readonly number[];
}

function AllNumbers({ daily: { days, series, other }, totals }: AllNumbersProps) {
  return (
    <ScrollBox label="All numbers">
      <table>
        <thead>
          <tr>
            <th scope="col">Day</th>
            <th scope="col" class="number">
              All
            </th>
            {series.map(({ key, name }) => (
              <th key={key} scope="col" class="number">
                {name}
              </th>
            ))}
            <th scope="col" class="number">
              Others
            </th>
          </tr>
        </thead>
        <tbody>
          {days.map((day, index) => (
            <tr key={day}>
              <th scope="row">{day}</th>
              {[totals, ...series.map(({ counts }) => counts), other].map((counts, column) => (
                <td key={column} class="number">
                  {formatNumber(counts[index] ?? 0)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}
