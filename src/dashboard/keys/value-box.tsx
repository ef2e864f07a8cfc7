interface ValueBoxProps {
  readonly label: string;
  readonly text: string;
}

const rowsMax = 24;

/** A read-only field, so that the keyboard can focus and scroll a long value. */
export function ValueBox({ label, text }: ValueBoxProps) {
  const rows = Math.min(rowsMax, Math.max(2, text.split('\n').length));
  return <textarea class="value mono" aria-label={label} readOnly rows={rows} value={text} />;
}
