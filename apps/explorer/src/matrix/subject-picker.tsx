import { useState } from "preact/hooks";
import type { PageQuery } from "../location/use-query.js";

interface SubjectPickerProps {
  readonly subjects: readonly string[];
  readonly query: PageQuery;
}

/** Which groups, software, campaigns and families are compared. */
export function SubjectPicker({ subjects, query }: SubjectPickerProps) {
  const [term, setTerm] = useState("");
  const add = () => {
    const name = term.trim();
    if (name !== "") {
      query.change({ subject: [...new Set([...subjects, name])] });
      setTerm("");
    }
  };
  return (
    <div class="subjects">
      <ul aria-label="Compared">
        {subjects.map((subject) => (
          <li key={subject} class="chip">
            {subject}
            <button
              type="button"
              aria-label={`Remove ${subject}`}
              onClick={() => query.change({ subject: subjects.filter((each) => each !== subject) })}
            >
              ×
            </button>
          </li>
        ))}
      </ul>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          add();
        }}
      >
        <input
          aria-label="Group, software, campaign or malware family"
          placeholder="APT29, S0154, win.emotet …"
          value={term}
          onInput={({ currentTarget }) => setTerm(currentTarget.value)}
        />
        <button type="submit">Add</button>
      </form>
    </div>
  );
}
