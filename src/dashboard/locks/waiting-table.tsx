import type { Space, Waiter } from '../api/lock-requests.js';
import { GuardedButton } from '../components/permission.js';
import { countOf, durationText } from '../format/quantity.js';
import { useNow } from '../live/use-now.js';
import type { EntryToRemove } from './remove-entry.js';
import { modeText, whoText, wordsOf } from './wording.js';

interface WaitingTableProps {
  readonly space: Space;
  readonly name: string;
  readonly queue: readonly Waiter[];
  readonly limit: number;
  readonly onRemove: (entry: EntryToRemove) => void;
}

/** Only the front of a queue is shown: ten thousand rows would be too many for a browser. */
const shownMax = 200;

export function WaitingTable({ space, name, queue, limit, onRemove }: WaitingTableProps) {
  const now = useNow(1000);
  const more = queue.length - shownMax;
  const { hasModes } = wordsOf[space];
  return (
    <>
      <table class="waiting">
        <thead>
          <tr>
            <th scope="col">Position</th>
            <th scope="col">Who</th>
            <th scope="col">Token</th>
            {hasModes && <th scope="col">Mode</th>}
            <th scope="col">Waits for</th>
            <th scope="col">
              <span class="visually-hidden">Action</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {queue.slice(0, shownMax).map((waiter, at) => (
            <tr key={waiter.index}>
              <td data-title="Position">{at + 1}</td>
              <th scope="row" class="mono">
                {whoText(waiter)}
              </th>
              <td data-title="Token">{waiter.index}</td>
              {hasModes && <td data-title="Mode">{modeText(waiter.mode, limit)}</td>}
              <td data-title="Waits for">
                {durationText(Math.max(0, Math.floor((now - waiter.waitingSince) / 1000) * 1000))}
              </td>
              <td>
                <GuardedButton
                  needs={{ type: 'release', space, name }}
                  class="danger"
                  label={`Remove ${whoText(waiter)}, token ${waiter.index}`}
                  onClick={() => onRemove({ ...waiter, holds: false })}
                >
                  Remove
                </GuardedButton>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {more > 0 && <p class="section-note">and {countOf(more, 'more', 'more')} behind them</p>}
    </>
  );
}
