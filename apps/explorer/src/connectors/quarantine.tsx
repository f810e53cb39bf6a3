import { askRejected } from "../api/questions.js";
import { useAnswer } from "../api/use-answer.js";
import { useQuery } from "../location/use-query.js";
import { Answered, Empty } from "../parts/answer-state.js";
import { Choice } from "../parts/choice.js";
import { formatCount } from "../parts/numbers.js";
import { Section } from "../parts/section.js";
import { Time } from "../parts/time.js";

const mostShown = 50;

interface QuarantineProps {
  /** Of all connectors. */
  readonly total: number;
  readonly connectors: readonly string[];
}

/** Records that could not be understood, with the reason. */
export function Quarantine({ total, connectors }: QuarantineProps) {
  const query = useQuery();
  const connector = query.get("connector");
  const asked = useAnswer(total === 0 ? undefined : askRejected(connector, mostShown));
  return (
    <Section
      title="Quarantine"
      count={total}
      aside={
        total > 0 && (
          <Choice
            label="Of"
            value={connector}
            options={[{ value: "", name: "all" }, ...connectors.map((name) => ({ value: name, name }))]}
            onChange={(value) => query.change({ connector: value || undefined })}
          />
        )
      }
    >
      {total === 0 ? (
        <Empty>Empty: every record could be understood.</Empty>
      ) : (
        <Answered asked={asked} what="the quarantine">
          {({ records }) => (
            <>
              {records.map(({ id, connector: name, step, reason, excerpt, isWhole, lastSeenAt, times }) => (
                <details key={id} class="folded">
                  <summary>
                    {reason}{" "}
                    <small>
                      {name}, {step}, seen {formatCount(times, "time")}
                    </small>
                  </summary>
                  <p>
                    Last seen <Time at={lastSeenAt} />
                  </p>
                  <pre>
                    {excerpt}
                    {!isWhole && " …"}
                  </pre>
                </details>
              ))}
              {records.length === mostShown && (
                <p>
                  <small>The newest {mostShown} are here; the command “rejected” lists them all.</small>
                </p>
              )}
            </>
          )}
        </Answered>
      )}
    </Section>
  );
}
