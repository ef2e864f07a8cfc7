import { useId } from 'preact/hooks';

interface TtlFieldProps {
  readonly text: string;
  readonly onInput: (text: string) => void;
}

export function TtlField({ text, onInput }: TtlFieldProps) {
  const hint = useId();
  return (
    <label class="field">
      TTL in seconds
      <input
        type="text"
        inputMode="numeric"
        value={text}
        aria-describedby={hint}
        aria-invalid={parseTtl(text) === 'invalid'}
        onInput={({ currentTarget }) => onInput(currentTarget.value)}
      />
      <span id={hint} class="section-note">
        {parseTtl(text) === 'invalid'
          ? 'A whole number of seconds, at least 1, or nothing.'
          : 'Empty: it stays until it is deleted.'}
      </span>
    </label>
  );
}

/** Undefined: no TTL. */
export function parseTtl(text: string): number | undefined | 'invalid' {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  return /^[1-9]\d{0,9}$/.test(trimmed) ? Number(trimmed) : 'invalid';
}

/** The remaining TTL in whole seconds, as the API takes it, rounded up. */
export function ttlLeft(expiresAt: number | undefined): string {
  if (expiresAt === undefined) return '';
  return String(Math.max(1, Math.ceil((expiresAt - performance.now()) / 1000)));
}
