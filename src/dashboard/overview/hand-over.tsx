import { transferLeadership, transferOf } from '../api/cluster.js';
import { curlLine } from '../api/curl.js';
import { Confirmation } from '../components/confirmation.js';

interface HandOverProps {
  readonly from: string;
  readonly to: string;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

/** Nothing is lost by it; requests that arrive meanwhile wait for some milliseconds. */
export function HandOver({ from, to, onDone, onClose }: HandOverProps) {
  const { path, query } = transferOf(to);
  return (
    <Confirmation
      title={`Let ${to} lead?`}
      label={`Let ${to} lead`}
      curl={curlLine('POST', path, query)}
      perform={async () => {
        await transferLeadership(to);
        onDone();
      }}
      onClose={onClose}
    >
      <p>
        <strong>{from}</strong> hands the leadership over to <strong>{to}</strong>. No write and no
        lock is lost. Requests that come meanwhile are answered a little later.
      </p>
    </Confirmation>
  );
}
