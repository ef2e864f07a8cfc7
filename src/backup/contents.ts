import type { StateMachine } from '../store/state-machine.js';

/** What there is in a backup, or in a data directory. */
export interface Contents {
  /** The index of the newest change of a key. */
  readonly etcdIndex: number;
  /** The last entry of the log that is applied. */
  readonly appliedIndex: number;
  /** With a value, those of the locks left out. */
  readonly keys: number;
  /** Names that somebody holds or waits for. */
  readonly locks: number;
  readonly elections: number;
  /** The names under which members have registered, those of removed ones too. */
  readonly registeredNames: readonly string[];
}

/** Visits every key. */
export function contentsOf(state: StateMachine): Contents {
  const { etcdIndex, appliedIndex, locks, members } = state;
  return {
    etcdIndex,
    appliedIndex,
    keys: countKeys(state),
    locks: locks.totals('lock').names,
    elections: locks.totals('leader').names,
    registeredNames: [...new Set(members.registered().map(({ name }) => name))].sort(),
  };
}

const ofLocks = '/_etcd/';

function countKeys({ keys }: StateMachine): number {
  const listing = keys.list('/', { recursive: true, sorted: false, hidden: true });
  let count = 0;
  for (let next = listing.next(); !next.done; next = listing.next()) {
    const { step } = next;
    if (step?.type === 'node' && !step.view.key.startsWith(ofLocks)) count += 1;
  }
  return count;
}
