import { useEffect, useState } from 'preact/hooks';
import type { Space } from '../api/lock-requests.js';
import { PolledNote, StateNote } from '../components/state-note.js';
import { NameList } from './name-list.js';
import { QueueDetails } from './queue-details.js';
import { useNames } from './use-names.js';
import { wordsOf } from './wording.js';

interface LocksPageProps {
  readonly space: Space;
  /** The name of the open lock or election; empty for none. */
  readonly name: string;
}

/** The page of locks, and the page of elections. */
export function LocksPage({ space, name }: LocksPageProps) {
  const words = wordsOf[space];
  const [search, setSearch] = useState('');
  const names = useNames(space, search);
  const [changes, setChanges] = useState(0);
  useEffect(() => setChanges((before) => before + 1), [names.polled.value]);
  return (
    <div class="locks">
      <section class="names" aria-label={`Names of ${words.many}`}>
        <label class="field">
          Search
          <input
            type="search"
            value={search}
            placeholder={names.isLarge ? 'beginning of a name' : 'part of a name or holder'}
            onInput={({ currentTarget }) => setSearch(currentTarget.value)}
          />
        </label>
        <PolledNote polled={names.polled} what={`the ${words.many}`} />
        {names.polled.value !== undefined && (
          <NameList space={space} names={names} current={name} search={search} />
        )}
      </section>
      {name === '' ? (
        <StateNote>Choose a name to see who holds it and who waits.</StateNote>
      ) : (
        <QueueDetails key={name} space={space} name={name} changes={changes} />
      )}
    </div>
  );
}
