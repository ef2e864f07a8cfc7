import type { Change } from '../api/lock-requests.js';
import { durationText } from '../format/quantity.js';
import { useNow } from '../live/use-now.js';
import { type Grant, grantsOf } from './grants.js';
import { endingText, whoText } from './wording.js';

/** The last grants: a row for each, with a bar on a common time scale. */
export function GrantTimeline({ history }: { readonly history: readonly Change[] }) {
  const now = useNow(1000);
  const grants = grantsOf(history);
  const begin = Math.min(...history.map(({ at }) => at));
  return (
    <table class="timeline">
      <thead>
        <tr>
          <th scope="col">Who</th>
          <th scope="col">Token</th>
          <th scope="col">Held for</th>
          <th scope="col">Ended</th>
          <th scope="col" class="timeline-scale">
            <span>{durationText(Math.max(1000, now - begin))} ago</span>
            <span>now</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {grants.map((grant) => (
          <tr key={grant.index}>
            <th scope="row" class="mono">
              {whoText(grant)}
            </th>
            <td data-title="Token">{grant.index}</td>
            <td data-title="Held for">{heldText(grant, now)}</td>
            <td data-title="Ended" class={grant.end === 'forced' ? 'forced' : undefined}>
              {grant.end === undefined ? 'holds now' : endingText(grant.end)}
            </td>
            <td>
              <div class="timeline-track" aria-hidden="true">
                <div
                  class={grant.to === undefined ? 'timeline-bar open' : 'timeline-bar'}
                  style={barStyle(grant, begin, now)}
                />
              </div>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function heldText({ from, to }: Grant, now: number): string {
  if (from === undefined) return 'unknown';
  const ms = (to ?? now) - from;
  return durationText(ms < 1000 ? Math.max(0, ms) : Math.floor(ms / 1000) * 1000);
}

function barStyle({ from, to }: Grant, begin: number, now: number) {
  const span = Math.max(1, now - begin);
  const left = ((from ?? begin) - begin) / span;
  const right = ((to ?? now) - begin) / span;
  return {
    left: `${(left * 100).toFixed(2)}%`,
    width: `${(Math.max(0, right - left) * 100).toFixed(2)}%`,
  };
}
