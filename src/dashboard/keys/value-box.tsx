interface ValueBoxProps {
  readonly label: string;
  readonly text: string;
}

const rowsMax = 24;

/** A field, and no plain text: so the keyboard reaches it, and scrolls it when the text is long. */
export function ValueBox({ label, text }: ValueBoxProps) {
  const rows = Math.min(rowsMax, Math.max(2, text.split('\n').length));
  return <textarea class="value mono" aria-label={label} readOnly rows={rows} value={text} />;
}
