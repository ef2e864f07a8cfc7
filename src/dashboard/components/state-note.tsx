import type { ComponentChildren } from 'preact';
import { sentenceOf } from '../api/failure.js';
import type { Polled } from '../live/poll.js';

/** Says why a part of the page is empty. */
export function StateNote({ children }: { readonly children: ComponentChildren }) {
  return <p class="state-note">{children}</p>;
}

interface PolledNoteProps {
  readonly polled: Pick<Polled<unknown>, 'value' | 'failure'>;
  /** "the locks" */
  readonly what: string;
}

/** Says that a part is loading, failed or outdated; renders nothing otherwise. */
export function PolledNote({ polled: { value, failure }, what }: PolledNoteProps) {
  if (failure !== undefined) {
    return (
      <p class="state-note failed" role="alert">
        {value === undefined ? `Cannot show ${what}. ` : `What you see of ${what} is old. `}
        {sentenceOf(failure)} Trying again.
      </p>
    );
  }
  if (value === undefined) return <StateNote>Loading {what} …</StateNote>;
  return null;
}
