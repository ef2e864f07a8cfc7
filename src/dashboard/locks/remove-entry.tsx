import { curlLine } from '../api/curl.js';
import { removalOf, removeEntry, type Space } from '../api/lock-requests.js';
import { Confirmation } from '../components/confirmation.js';
import { forceWarning, whoText, wordsOf } from './wording.js';

export interface EntryToRemove {
  readonly index: number;
  readonly value: string;
  readonly client: string | undefined;
  readonly holds: boolean;
}

interface RemoveEntryProps {
  readonly space: Space;
  readonly name: string;
  readonly entry: EntryToRemove;
  /** How many wait there. */
  readonly waiting: number;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

/** Names the owner: one who loses a lock by mistake may do harm before it notices. */
export function RemoveEntry({ space, name, entry, waiting, onDone, onClose }: RemoveEntryProps) {
  const words = wordsOf[space];
  const { path, query } = removalOf(space, name, entry);
  const action = entry.holds ? words.release : 'Remove';
  return (
    <Confirmation
      title={`${action} ${whoText(entry)}?`}
      label={`${action} ${whoText(entry)}`}
      curl={curlLine('DELETE', path, query)}
      perform={async () => {
        await removeEntry(space, name, entry);
        onDone();
      }}
      onClose={onClose}
    >
      <p>
        The place of <strong class="mono">{whoText(entry)}</strong>, token {entry.index}, at the{' '}
        {words.one} <code>{name}</code> will be taken away.
      </p>
      <p>{entry.holds ? forceWarning(waiting) : 'Its request is answered with an error.'}</p>
    </Confirmation>
  );
}
