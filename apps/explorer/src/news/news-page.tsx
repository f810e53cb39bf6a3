import { askFamilies, askIocs, askReleases } from "../api/questions.js";
import { useAnswer } from "../api/use-answer.js";
import { linkToFamily, linkToMatrix } from "../location/links.js";
import { useQuery } from "../location/use-query.js";
import { Answered, Empty } from "../parts/answer-state.js";
import { formatNumber } from "../parts/numbers.js";
import { PageHead } from "../parts/page-head.js";
import { ScrollBox } from "../parts/scroll-box.js";
import { Listed, Section } from "../parts/section.js";
import { Time } from "../parts/time.js";
import { IocTable } from "../search/ioc-table.js";
import { DailyIocs } from "./daily-iocs.js";
import { ReleaseChanges } from "./release-changes.js";

const iocsShown = 50;

/** What came since a while. */
export function NewsPage() {
  const query = useQuery();
  const iocs = useAnswer(askIocs(iocsShown));
  return (
    <main>
      <PageHead title="What is new" />
      <DailyIocs query={query} />
      <Section title="Newest IOCs">
        <Answered asked={iocs} what="the newest IOCs">
          {({ iocs: newest }) =>
            newest.length === 0 ? (
              <Empty>No IOC is stored yet.</Empty>
            ) : (
              <Listed items={newest} first={10}>
                {(shown) => <IocTable iocs={shown} label="Newest IOCs" />}
              </Listed>
            )
          }
        </Answered>
      </Section>
      <NewFamilies />
      <Changes />
    </main>
  );
}

const newSinceDays = 30;

function NewFamilies() {
  const asked = useAnswer(askFamilies(newSinceDays));
  return (
    <Section title={`Families first seen in the last ${newSinceDays} days`}>
      <Answered asked={asked} what="the new families">
        {({ families }) =>
          families.length === 0 ? (
            <Empty>No family is new.</Empty>
          ) : (
            <Listed items={families} first={10}>
              {(shown) => (
                <ScrollBox label="New families">
                  <table>
                    <thead>
                      <tr>
                        <th scope="col">Family</th>
                        <th scope="col">First seen</th>
                        <th scope="col" class="number">
                          IOCs
                        </th>
                      </tr>
                    </thead>
                    <tbody>
                      {shown.map(({ malware, name, first_seen, iocs }) => (
                        <tr key={malware}>
                          <td>
                            <a href={linkToFamily(malware)}>{name}</a> <small>{malware}</small>
                          </td>
                          <td>
                            <Time at={first_seen} />
                          </td>
                          <td class="number">{formatNumber(iocs)}</td>
                        </tr>
                      ))}
                    </tbody>
                  </table>
                </ScrollBox>
              )}
            </Listed>
          )
        }
      </Answered>
    </Section>
  );
}

/** Of each domain that has two releases to compare. */
function Changes() {
  const asked = useAnswer(askReleases);
  return (
    <Section title="Changes of ATT&CK">
      <Answered asked={asked} what="the releases of ATT&CK">
        {({ domains }) => {
          const comparable = domains.filter(({ stored }) => stored.length > 1);
          return comparable.length === 0 ? (
            <Empty>
              Two stored releases of a domain are needed to compare them: the setting MITRE_RELEASES keeps
              more than one.
            </Empty>
          ) : (
            comparable.map(({ domain, name, stored }) => {
              const [from = "", to = ""] = stored.slice(-2);
              return (
                <div key={domain} class="changes">
                  <h3>
                    {name} {from} → {to}{" "}
                    <a href={linkToMatrix(domain, { by: "changes", from, to })}>on the matrix</a>
                  </h3>
                  <ReleaseChanges domain={domain} from={from} to={to} />
                </div>
              );
            })
          );
        }}
      </Answered>
    </Section>
  );
}
