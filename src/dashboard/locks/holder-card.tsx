import type { Holder, Space } from '../api/lock-requests.js';
import { CopyButton } from '../components/copy-button.js';
import { GuardedButton } from '../components/permission.js';
import { durationText } from '../format/quantity.js';
import { useNow } from '../live/use-now.js';
import type { EntryToRemove } from './remove-entry.js';
import { modeText, whoText, wordsOf } from './wording.js';

interface HolderCardProps {
  readonly space: Space;
  readonly name: string;
  readonly holder: Holder;
  readonly limit: number;
  readonly onRemove: (entry: EntryToRemove) => void;
}

export function HolderCard({ space, name, holder, limit, onRemove }: HolderCardProps) {
  const now = useNow(500);
  const leftMs = Math.max(0, holder.expiresAt - now);
  const words = wordsOf[space];
  return (
    <div class="holder">
      <strong class="mono">{whoText(holder)}</strong>
      <GuardedButton
        needs={{ type: 'release', space, name }}
        class="danger"
        label={`${words.release} ${whoText(holder)}`}
        onClick={() => onRemove({ ...holder, holds: true })}
      >
        {words.release}
      </GuardedButton>
      <dl class="facts">
        <dt>Token</dt>
        <dd>
          {holder.index} <CopyButton what="the token" label="Copy" text={String(holder.index)} />
        </dd>
        {words.hasModes && (
          <>
            <dt>Mode</dt>
            <dd>{modeText(holder.mode, limit)}</dd>
          </>
        )}
        <dt>Held for</dt>
        <dd>{durationText(wholeSeconds(now - holder.since))}</dd>
        <dt>TTL</dt>
        <dd>
          {durationText(Math.ceil(leftMs / 1000) * 1000)} left of {durationText(holder.ttlMs)}
        </dd>
      </dl>
      <TtlBar leftMs={leftMs} ttlMs={holder.ttlMs} />
    </div>
  );
}

/** Shows the remaining TTL, which the text beside it says, too. */
function TtlBar({ leftMs, ttlMs }: { readonly leftMs: number; readonly ttlMs: number }) {
  const left = Math.min(1, leftMs / ttlMs);
  return (
    <div class={left < 0.2 ? 'ttl-bar low' : 'ttl-bar'} aria-hidden="true">
      <div class="ttl-bar-left" style={{ width: `${(left * 100).toFixed(1)}%` }} />
    </div>
  );
}

function wholeSeconds(ms: number): number {
  return Math.max(0, Math.floor(ms / 1000) * 1000);
}
