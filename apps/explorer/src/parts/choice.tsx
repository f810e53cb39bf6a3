interface ChoiceProps {
  readonly label: string;
  readonly value: string | undefined;
  readonly options: readonly { readonly value: string; readonly name: string }[];
  onChange(value: string): void;
}

/** A list to choose one thing from. A value that is not in the list is added to it. */
export function Choice({ label, value = "", options, onChange }: ChoiceProps) {
  const known = options.some((option) => option.value === value);
  return (
    <label class="choice">
      {label}
      <select value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
        {!known && <option value={value}>{value}</option>}
        {options.map((option) => (
          <option key={option.value} value={option.value} selected={option.value === value}>
            {option.name}
          </option>
        ))}
      </select>
    </label>
  );
}
