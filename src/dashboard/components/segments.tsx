interface SegmentsProps {
  readonly label: string;
  readonly choices: readonly (readonly [value: string, title: string])[];
  readonly chosen: string;
  readonly disabled?: (value: string) => boolean;
  readonly onChoose: (value: string) => void;
}

/** A row of buttons, one of which is chosen. */
export function Segments({ label, choices, chosen, disabled, onChoose }: SegmentsProps) {
  return (
    <fieldset class="segments">
      <legend class="visually-hidden">{label}</legend>
      {choices.map(([value, title]) => (
        <button
          key={value}
          type="button"
          aria-pressed={value === chosen}
          disabled={disabled?.(value) === true}
          onClick={() => onChoose(value)}
        >
          {title}
        </button>
      ))}
    </fieldset>
  );
}
