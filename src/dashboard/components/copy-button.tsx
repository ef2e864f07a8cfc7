import { useEffect, useState } from 'preact/hooks';

interface CopyButtonProps {
  /** On the button. */
  readonly label: string;
  /** Where the label alone does not say what is copied: "the value". */
  readonly what?: string;
  readonly text: string;
}

const toldMs = 2_000;

type Outcome = 'copied' | 'refused';

export function CopyButton({ what, label, text }: CopyButtonProps) {
  const [outcome, setOutcome] = useState<Outcome | undefined>(undefined);
  useEffect(() => {
    const timer = setTimeout(() => setOutcome(undefined), toldMs);
    return () => clearTimeout(timer);
  }, [outcome]);
  return (
    <button
      type="button"
      class="copy"
      aria-label={outcome === undefined && what !== undefined ? `${label} ${what}` : undefined}
      onClick={() => void copy(text).then(setOutcome)}
    >
      {outcome === undefined ? label : words[outcome]}
    </button>
  );
}

const words = { copied: '✓ Copied', refused: '✕ Not copied' } as const;

/** A browser has a clipboard only for pages that came over TLS, or from its own machine. */
async function copy(text: string): Promise<Outcome> {
  if (navigator.clipboard === undefined) return copySelected(text);
  return await navigator.clipboard.writeText(text).then(
    () => 'copied' as const,
    () => copySelected(text),
  );
}

/** The way that is left: a field is selected, and the browser is asked to copy the selection. */
function copySelected(text: string): Outcome {
  const field = document.createElement('textarea');
  field.value = text;
  field.className = 'visually-hidden';
  // Inside of an open dialog, or the browser would not let it have the focus.
  (document.querySelector('dialog[open]') ?? document.body).append(field);
  const before = document.activeElement;
  field.select();
  const isCopied = document.execCommand('copy');
  field.remove();
  if (before instanceof HTMLElement) before.focus();
  return isCopied ? 'copied' : 'refused';
}
