import {
  type AcquireOperation,
  type Claim,
  type LockOperation,
  mayJoin,
  type RenewOperation,
} from './operation.js';

/** When a token held for certain, from what its clients were told. */
export interface CertainHold {
  readonly token: number;
  readonly claim: Claim;
  /** The first client was told. */
  readonly from: number;
  /**
   * Somebody began to give it back, or its TTL could be over at the earliest. Before `from`: never
   * for certain.
   */
  readonly to: number;
  /**
   * Its TTL, if nothing unknown kept it alive, was over at the latest; infinite when that is not
   * known.
   */
  readonly overAt: number;
  /** Somebody may have given it back. */
  readonly mayBeReleasedFrom: number;
}

/** How far clocks may differ from the true time in which a history is written. */
export interface ClockBounds {
  /** What is left, in true time, of a TTL on the fastest clock: 1 when all clocks are one. */
  readonly shortest: number;
  readonly longest: number;
}

/** Everything that was said of one token. */
interface Story {
  readonly acquires: AcquireOperation[];
  readonly renewals: RenewOperation[];
  mayBeReleasedFrom: number;
}

/** Of one lock, in the order in which they were told. */
export function certainHolds(
  operations: readonly LockOperation[],
  clocks: ClockBounds,
): readonly CertainHold[] {
  const stories = storiesOf(operations);
  const unknown = operations.filter(
    (operation): operation is AcquireOperation =>
      operation.type === 'acquire' && operation.result.type !== 'ok',
  );
  return [...stories]
    .map(([token, story]) => holdOf(token, story, unknown, clocks))
    .sort((one, other) => one.from - other.from);
}

function storiesOf(operations: readonly LockOperation[]): ReadonlyMap<number, Story> {
  const stories = new Map<number, Story>();
  for (const operation of operations) {
    if (operation.type !== 'acquire' || operation.result.type !== 'ok') continue;
    const { token } = operation.result;
    const story = stories.get(token) ?? newStory();
    story.acquires.push(operation);
    stories.set(token, story);
  }
  for (const operation of operations) {
    if (operation.type !== 'renew' && operation.type !== 'release') continue;
    const story = stories.get(operation.token);
    if (story === undefined || operation.result === 'fail') continue;
    if (operation.type === 'renew') story.renewals.push(operation);
    else story.mayBeReleasedFrom = Math.min(story.mayBeReleasedFrom, operation.start);
  }
  return stories;
}

function newStory(): Story {
  return { acquires: [], renewals: [], mayBeReleasedFrom: Number.POSITIVE_INFINITY };
}

function holdOf(
  token: number,
  { acquires, renewals, mayBeReleasedFrom }: Story,
  unknown: readonly AcquireOperation[],
  clocks: ClockBounds,
): CertainHold {
  const [first] = acquires;
  if (first === undefined) throw new Error(`nobody was told token ${token}`);
  // Any of these may have set the TTL last: to whatever it asked for.
  const joined = unknown.filter((each) => mayJoin(each, { token, value: first.value }));
  const ttls = [...acquires, ...renewals, ...joined].map(({ ttlMs }) => ttlMs);
  const proofs = [...acquires, ...renewals.filter(({ result }) => result === 'ok')];
  const lastProof = Math.max(...proofs.map(({ start }) => start));
  const isAllKnown = proofs.length === ttls.length;
  return {
    token,
    claim: first.claim,
    from: Math.min(...acquires.map(({ end }) => end)),
    to: Math.min(mayBeReleasedFrom, lastProof + Math.min(...ttls) * clocks.shortest),
    overAt: isAllKnown
      ? Math.max(...proofs.map(({ end, ttlMs }) => end + ttlMs * clocks.longest))
      : Number.POSITIVE_INFINITY,
    mayBeReleasedFrom,
  };
}
