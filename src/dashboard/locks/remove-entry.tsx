import { removeEntry, type Space } from '../api/lock-requests.js';
import { Confirmation } from '../components/confirmation.js';
import { whoText, wordsOf } from './wording.js';

export interface EntryToRemove {
  readonly index: number;
  readonly value: string;
  readonly holds: boolean;
}

interface RemoveEntryProps {
  readonly space: Space;
  readonly name: string;
  readonly entry: EntryToRemove;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

/** Names the owner: one who loses a lock by mistake may do harm before it notices. */
export function RemoveEntry({ space, name, entry, onDone, onClose }: RemoveEntryProps) {
  const words = wordsOf[space];
  const action = entry.holds ? words.release : 'Remove';
  return (
    <Confirmation
      title={`${action} ${whoText(entry.value)}?`}
      label={`${action} ${whoText(entry.value)}`}
      perform={async () => {
        await removeEntry(space, name, entry);
        onDone();
      }}
      onClose={onClose}
    >
      <p>
        The place of <strong class="mono">{whoText(entry.value)}</strong>, token {entry.index}, at
        the {words.one} <code>{name}</code> will be taken away.
      </p>
      <p>
        {entry.holds
          ? 'It is not told: it goes on as if it held until it asks, while the next in the queue holds already. Only the token protects what both of them write.'
          : 'Its request is answered with an error.'}
      </p>
    </Confirmation>
  );
}
