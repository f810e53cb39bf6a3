import { useEffect, useId, useState } from "preact/hooks";
import { useLocation } from "preact-iso/router";
import type { SuggestionsJson } from "../api/answers.js";
import { askSuggestions } from "../api/questions.js";
import { useAnswer } from "../api/use-answer.js";
import { typeNames } from "../entity/attack-types.js";
import { linkToSearch } from "../location/links.js";

const fewestLetters = 2;
const pauseMs = 150;

/** A box with suggestions, as the pattern for comboboxes has it: https://www.w3.org/WAI/ARIA/apg/patterns/combobox/ */
export function SearchBox({ term }: { readonly term: string }) {
  const { route } = useLocation();
  const [text, setText] = useState(term);
  const [isOpen, setOpen] = useState(false);
  const [chosen, setChosen] = useState(-1);
  const prefix = usePause(text.trim());
  const wanted = isOpen && prefix.length >= fewestLetters && prefix === text.trim();
  const suggestions = useAnswer(wanted ? askSuggestions(prefix) : undefined).answer?.suggestions ?? [];
  const isShown = wanted && suggestions.length > 0;
  const list = useId();

  const search = (value: string) => {
    setOpen(false);
    if (value.trim() !== "") {
      route(linkToSearch(value.trim()));
    }
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && isShown) {
      event.preventDefault();
      const count = suggestions.length + 1;
      setChosen(((chosen + 1 + step + count) % count) - 1);
    } else if (event.key === "Escape") {
      setOpen(false);
    }
  };

  return (
    <form
      class="search"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        search(suggestions[chosen]?.id ?? text);
      }}
    >
      <input
        type="text"
        role="combobox"
        aria-label="Search"
        aria-expanded={isShown}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={isShown && chosen >= 0 ? `${list}-${chosen}` : undefined}
        autocomplete="off"
        spellcheck={false}
        placeholder="IP, domain, URL, hash, CVE, technique, group, malware …"
        value={text}
        onInput={({ currentTarget }) => {
          setText(currentTarget.value);
          setChosen(-1);
          setOpen(true);
        }}
        onKeyDown={onKeyDown}
        onBlur={() => setOpen(false)}
      />
      <button type="submit">Search</button>
      <div id={list} role="listbox" aria-label="Suggestions" hidden={!isShown}>
        {isShown && <Options id={list} suggestions={suggestions} chosen={chosen} onChoose={search} />}
      </div>
    </form>
  );
}

interface OptionsProps {
  readonly id: string;
  readonly suggestions: SuggestionsJson["suggestions"];
  /** -1: none. */
  readonly chosen: number;
  onChoose(id: string): void;
}

function Options({ id: list, suggestions, chosen, onChoose }: OptionsProps) {
  return (
    <>
      {suggestions.map(({ id, name, type }, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the input
        <div
          key={id}
          id={`${list}-${index}`}
          role="option"
          tabIndex={-1}
          aria-selected={index === chosen}
          // The input keeps the focus.
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => onChoose(id)}
        >
          {name}{" "}
          <small>
            {typeNames[type]?.one ?? type} {id}
          </small>
        </div>
      ))}
    </>
  );
}

/** A value, once it has not changed for a moment. */
function usePause(value: string): string {
  const [paused, setPaused] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setPaused(value), pauseMs);
    return () => clearTimeout(timer);
  }, [value]);
  return paused;
}
