import type { MatrixJson } from "@cti-connectors/server/answers";
import type { PageQuery } from "../location/use-query.js";
import { Menu } from "../parts/menu.js";
import { platformsOf } from "./lay-out.js";
import type { MatrixState } from "./matrix-state.js";

interface MatrixFiltersProps {
  readonly matrix: MatrixJson;
  readonly state: MatrixState;
  readonly query: PageQuery;
}

/** Which techniques are shown. */
export function MatrixFilters({ matrix, state: { filter, opened }, query }: MatrixFiltersProps) {
  return (
    <div class="filters">
      <Checkboxes
        label="Tactics"
        chosen={filter.tactics}
        options={matrix.tactics.map(({ short_name, name }) => ({ value: short_name, name }))}
        onChange={(tactic) => query.change({ tactic })}
      />
      <Checkboxes
        label="Platforms"
        chosen={filter.platforms}
        options={platformsOf(matrix).map((value) => ({ value, name: value }))}
        onChange={(platform) => query.change({ platform })}
      />
      <label class="check">
        <input
          type="checkbox"
          checked={filter.onlyMarked}
          onChange={({ currentTarget }) =>
            query.change({ only: currentTarget.checked ? "marked" : undefined })
          }
        />
        Only marked
      </label>
      <button type="button" onClick={() => query.change({ open: opened === "all" ? undefined : "all" })}>
        {opened === "all" ? "Close all sub-techniques" : "Open all sub-techniques"}
      </button>
    </div>
  );
}

interface CheckboxesProps {
  readonly label: string;
  readonly chosen: readonly string[];
  readonly options: readonly { readonly value: string; readonly name: string }[];
  onChange(chosen: readonly string[]): void;
}

function Checkboxes({ label, chosen, options, onChange }: CheckboxesProps) {
  return (
    <Menu label={chosen.length === 0 ? label : `${label}: ${chosen.length}`}>
      <fieldset>
        <legend class="unseen">{label}</legend>
        {options.map(({ value, name }) => (
          <label class="check" key={value}>
            <input
              type="checkbox"
              checked={chosen.includes(value)}
              onChange={({ currentTarget }) =>
                onChange(currentTarget.checked ? [...chosen, value] : chosen.filter((each) => each !== value))
              }
            />
            {name}
          </label>
        ))}
      </fieldset>
      <button type="button" disabled={chosen.length === 0} onClick={() => onChange([])}>
        All
      </button>
    </Menu>
  );
}
