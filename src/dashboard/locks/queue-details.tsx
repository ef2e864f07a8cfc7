import { useEffect, useState } from 'preact/hooks';
import { curlLine } from '../api/curl.js';
import { type QueueView, queuePath, readQueue, type Space } from '../api/lock-requests.js';
import { CopyButton } from '../components/copy-button.js';
import { RefusalNote } from '../components/permission.js';
import { PolledNote, StateNote } from '../components/state-note.js';
import { usePoll } from '../live/use-poll.js';
import { GrantTimeline } from './grant-timeline.js';
import { HolderCard } from './holder-card.js';
import { type EntryToRemove, RemoveEntry } from './remove-entry.js';
import { WaitingTable } from './waiting-table.js';
import { queueSentence, wordsOf } from './wording.js';

interface QueueDetailsProps {
  readonly space: Space;
  readonly name: string;
  /** Grows when any name has changed. */
  readonly changes: number;
}

/** Renewals do not show in the list of names, so the queue is polled, too. */
const intervalMs = 2_000;
const maxIntervalMs = 5_000;

export function QueueDetails({ space, name, changes }: QueueDetailsProps) {
  const [removing, setRemoving] = useState<EntryToRemove | undefined>(undefined);
  const polled = usePoll({
    key: `${space} ${name}`,
    ask: (signal) => readQueue(space, name, signal),
    intervalMs,
    maxIntervalMs,
  });
  const { value, refresh } = polled;
  useEffect(() => {
    if (changes > 0) refresh();
  }, [changes, refresh]);
  return (
    <section class="details" aria-label={`${wordsOf[space].one} ${name}`}>
      <div class="section-head">
        <h2 class="mono">{name}</h2>
        <CopyButton label="Copy name" text={name} />
        <CopyButton label="Copy curl" text={curlLine('GET', queuePath(space, name))} />
      </div>
      <PolledNote polled={polled} what={name} />
      {value !== undefined && <Queue space={space} view={value} onRemove={setRemoving} />}
      {removing !== undefined && (
        <RemoveEntry
          space={space}
          name={name}
          entry={removing}
          waiting={value?.queue.length ?? 0}
          onDone={refresh}
          onClose={() => setRemoving(undefined)}
        />
      )}
    </section>
  );
}

interface QueueProps {
  readonly space: Space;
  readonly view: QueueView;
  readonly onRemove: (entry: EntryToRemove) => void;
}

function Queue({ space, view, onRemove }: QueueProps) {
  const words = wordsOf[space];
  const { name, holders, queue, limit, history } = view;
  return (
    <>
      <p>{queueSentence(space, holders.length, queue.length, limit)}</p>
      <RefusalNote needs={{ type: 'release', space, name }} />
      <section>
        <h3>{holders.length > 1 ? words.holders : words.holder}</h3>
        {holders.length === 0 && <StateNote>Nobody: it is free.</StateNote>}
        <ul class="holders">
          {holders.map((holder) => (
            <li key={holder.index}>
              <HolderCard
                space={space}
                name={name}
                holder={holder}
                limit={limit}
                onRemove={onRemove}
              />
            </li>
          ))}
        </ul>
      </section>
      <section>
        <h3>{words.waiters}</h3>
        {queue.length === 0 ? (
          <StateNote>Nobody waits.</StateNote>
        ) : (
          <WaitingTable space={space} name={name} queue={queue} limit={limit} onRemove={onRemove} />
        )}
      </section>
      <section>
        <h3>Last grants</h3>
        {history.length === 0 ? (
          <StateNote>None that is remembered.</StateNote>
        ) : (
          <GrantTimeline history={history} />
        )}
      </section>
    </>
  );
}
