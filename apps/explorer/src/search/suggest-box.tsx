import type { SuggestionsJson } from "@cti-connectors/server/answers";
import { useEffect, useId, useState } from "preact/hooks";
import { askSuggestions } from "../api/questions.js";
import { useAnswer } from "../api/use-answer.js";
import { typeNames } from "../entity/attack-types.js";

const fewestLetters = 2;
const pauseMs = 150;

interface SuggestBoxProps {
  readonly label: string;
  readonly placeholder: string;
  /** What the button says. */
  readonly action: string;
  /** What is in the box at first. */
  readonly initial?: string;
  /** Of the form. */
  readonly role?: "search";
  /** Gets what was typed, or the id of a suggestion. */
  onChoose(term: string): void;
}

/** A box with suggestions, as the pattern for comboboxes has it: https://www.w3.org/WAI/ARIA/apg/patterns/combobox/ */
export function SuggestBox({ label, placeholder, action, initial = "", role, onChoose }: SuggestBoxProps) {
  const [text, setText] = useState(initial);
  const [isOpen, setOpen] = useState(false);
  const [chosen, setChosen] = useState(-1);
  const prefix = usePause(text.trim());
  const wanted = isOpen && prefix.length >= fewestLetters && prefix === text.trim();
  const suggestions = useAnswer(wanted ? askSuggestions(prefix) : undefined).answer?.suggestions ?? [];
  const isShown = wanted && suggestions.length > 0;
  const list = useId();

  const choose = (value: string) => {
    setOpen(false);
    if (value.trim() !== "") {
      onChoose(value.trim());
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
      class="suggest"
      role={role}
      onSubmit={(event) => {
        event.preventDefault();
        choose(suggestions[chosen]?.id ?? text);
      }}
    >
      <input
        type="text"
        role="combobox"
        aria-label={label}
        aria-expanded={isShown}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={isShown && chosen >= 0 ? `${list}-${chosen}` : undefined}
        autocomplete="off"
        spellcheck={false}
        placeholder={placeholder}
        value={text}
        onInput={({ currentTarget }) => {
          setText(currentTarget.value);
          setChosen(-1);
          setOpen(true);
        }}
        onKeyDown={onKeyDown}
        onBlur={() => setOpen(false)}
      />
      <button type="submit">{action}</button>
      <div id={list} role="listbox" aria-label="Suggestions" hidden={!isShown}>
        {isShown && <Options id={list} suggestions={suggestions} chosen={chosen} onChoose={choose} />}
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
