import type { PageQuery } from "../location/use-query.js";
import { SuggestBox } from "../search/suggest-box.js";

interface SubjectPickerProps {
  readonly subjects: readonly string[];
  readonly query: PageQuery;
}

/** Which groups, software, campaigns and families are compared. */
export function SubjectPicker({ subjects, query }: SubjectPickerProps) {
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
      <SuggestBox
        // Empty again after each.
        key={subjects.join()}
        label="Group, software, campaign or malware family"
        placeholder="APT29, S0154, win.emotet …"
        action="Add"
        onChoose={(subject) => query.change({ subject: [...new Set([...subjects, subject])] })}
      />
    </div>
  );
}
