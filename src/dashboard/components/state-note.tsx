import type { ComponentChildren } from 'preact';
import { sentenceOf } from '../api/failure.js';
import type { Polled } from '../live/poll.js';

/** What stands where something would be, with the reason why it is not there. */
export function StateNote({ children }: { readonly children: ComponentChildren }) {
  return <p class="state-note">{children}</p>;
}

interface PolledNoteProps {
  readonly polled: Pick<Polled<unknown>, 'value' | 'failure'>;
  /** "the locks" */
  readonly what: string;
}

/** Loading, failed, or shown but old; nothing when all is well. */
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
