import { askStatus } from "../api/questions.js";
import { useAnswer } from "../api/use-answer.js";
import { linkToMatrix, linkToSearch, routes } from "../location/links.js";
import { formatAge } from "../parts/time.js";

const examples = ["APT29", "Cobalt Strike", "win.vidar", "T1059.001", "CVE-2021-44228", "203.0.113.0/24"];

const questions = [
  {
    question: "What does the malware do that is around now?",
    answer: "The ATT&CK matrix by IOCs of the last 30 days",
    href: linkToMatrix("enterprise-attack"),
  },
  {
    question: "Which techniques do most groups use?",
    answer: "The matrix by number of groups",
    href: linkToMatrix("enterprise-attack", { by: "groups" }),
  },
  {
    question: "What do two groups have in common?",
    answer: "APT29 and Sandworm Team on the matrix",
    href: `${linkToMatrix("enterprise-attack", { by: "subjects", subject: "G0016" })}&subject=G0034`,
  },
  {
    question: "What came in lately?",
    answer: "IOCs per day, the newest of them, new families, changes of ATT&CK",
    href: routes.news,
  },
];

/** Where nothing is searched for yet. */
export function Start() {
  return (
    <>
      <p class="examples">
        Looks up an indicator (defanged or not), a network, an id or a name. For example{" "}
        {examples.map((example) => (
          <a key={example} href={linkToSearch(example)}>
            {example}
          </a>
        ))}
      </p>
      <ul class="questions">
        {questions.map(({ question, answer, href }) => (
          <li key={href}>
            <a href={href}>{question}</a>
            <small class="line">{answer}</small>
          </li>
        ))}
      </ul>
      <Ages />
    </>
  );
}

/** How old the data is. Where that is not known, the view of the connectors says why. */
function Ages() {
  const { answer } = useAnswer(askStatus);
  const loaded = answer?.connectors.flatMap(({ name, lastOkAt }) =>
    lastOkAt === undefined ? [] : [`${name} ${formatAge(lastOkAt)}`],
  );
  return (
    <p>
      <small>
        {loaded === undefined || loaded.length === 0 ? "" : `Last complete loads: ${loaded.join(", ")}. `}
        <a href={routes.connectors}>How the connectors are</a>
      </small>
    </p>
  );
}
