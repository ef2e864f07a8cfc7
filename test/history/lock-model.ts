import { mayHoldTogether, refusingHolders } from './hold-rule.js';
import type { SequentialModel } from './linearizability.js';
import {
  type AcquireOperation,
  type Claim,
  isTold,
  type LockOperation,
  mayJoin,
  type SeenEntry,
  type TokenOperation,
  type ToldOperation,
  type ViewOperation,
} from './operation.js';
import {
  mayBe,
  maySurface,
  type UnseenGrant,
  unseenGrants,
  usefulGrants,
  type Wanted,
} from './unseen-grants.js';

interface Holder {
  /** Undefined as long as nobody saw it. */
  readonly token: number | undefined;
  readonly value: string;
  readonly claim: Claim;
  /** From then on it may be gone without a word: its TTL is over, or somebody gave it back. */
  readonly mayEndAt: number;
  readonly goneBy: number;
}

export interface LockState {
  /** The earliest moment at which all that was done so far can have happened. */
  readonly now: number;
  /** The highest token that holds or held. */
  readonly newest: number;
  readonly holders: readonly Holder[];
  /** The unseen grants that were needed to explain what was seen. */
  readonly spent: readonly number[];
}

/**
 * One lock, as its clients see it. A TTL may end at any time after the earliest moment allowed: the
 * start of the operation that began or renewed it, as far as it is put off by what came before,
 * plus the TTL. All that time asks for are such lower bounds, so that the earliest time for each
 * operation in turn fits whenever any time does. What nobody saw (an expiry, an unknown release, a
 * grant whose client had left) happens only when an operation cannot be explained without it: done
 * earlier than needed it could explain nothing more.
 */
export class LockModel implements SequentialModel<LockState, LockOperation> {
  readonly initial: LockState = { now: 0, newest: 0, holders: [], spent: [] };
  readonly #unknown: readonly LockOperation[];
  readonly #ttlFactor: number;
  readonly #unseen: readonly UnseenGrant[];
  readonly #unseenById: readonly UnseenGrant[];
  readonly #told: ReadonlySet<number>;
  /** The tokens that must have been granted in this order, each by one who was told it. */
  readonly #order: readonly number[];

  /** @param ttlFactor below 1 where the members' clocks may run fast. */
  constructor(operations: readonly LockOperation[], ttlFactor: number) {
    this.#unknown = operations.filter((operation) =>
      ['unknown', 'left'].includes(outcomeOf(operation)),
    );
    this.#ttlFactor = ttlFactor;
    this.#unseen = unseenGrants(operations);
    this.#unseenById = this.#unseen.toSorted((one, other) => one.id - other.id);
    const told = operations.filter(isTold);
    this.#told = new Set(told.map(({ result }) => result.token));
    // Where several hold, somebody may have joined a queue entry that held long before, unseen.
    const joinable = new Set(
      told
        .filter((operation) => canJoinUnseen(operation) && this.#isOfUnseen(operation))
        .map(({ result }) => result.token),
    );
    this.#order = [...this.#told]
      .filter((token) => !joinable.has(token))
      .sort((one, other) => one - other);
  }

  readonly step = (before: LockState, operation: LockOperation): readonly LockState[] => {
    const state = { ...before, now: Math.max(before.now, operation.start) };
    return this.#after(state, operation).filter(({ now }) => now <= operation.end);
  };

  readonly key = ({ now, newest, holders, spent }: LockState): string => {
    const shown = holders.map(({ claim, ...holder }) => {
      // What may hold beside it depends on its claim.
      return [...Object.values(holder), claim.mode, claim.limit].join(':');
    });
    const useful = spent.filter((id) => this.#isUseful(id, now, newest));
    return `${now} ${newest} ${useful.join(',')} ${shown.join(' ')}`;
  };

  /** Whether the unseen grant could explain something, if it were not spent. */
  #isUseful(id: number, now: number, newest: number): boolean {
    const grant = this.#unseenById[id];
    if (grant === undefined || grant.goneBy < now) return false;
    return grant.token === undefined || grant.token > newest || maySurface(grant);
  }

  #after(state: LockState, operation: LockOperation): readonly LockState[] {
    switch (operation.type) {
      case 'acquire':
        return this.#acquired(state, operation);
      case 'renew':
        return operation.result === 'ok'
          ? this.#renewed(state, operation.token, operation.ttlMs)
          : this.#absent(state, operation);
      case 'release':
        return operation.result === 'ok'
          ? this.#released(state, operation.token)
          : this.#absent(state, operation);
      case 'view':
        return this.#seen(state, operation);
      default:
        return operation satisfies never;
    }
  }

  #acquired(state: LockState, operation: AcquireOperation): readonly LockState[] {
    const { result } = operation;
    switch (result.type) {
      case 'ok':
        return this.#granted(state, operation, result.token);
      case 'kept':
        return this.#kept(state, operation, result.token);
      default:
        return this.#refused(state, operation);
    }
  }

  /** It waited behind others, so that nobody who came later had held. */
  #kept(state: LockState, operation: AcquireOperation, token: number): readonly LockState[] {
    return this.#refused(state, operation).filter(({ newest }) => newest < token);
  }

  #granted(state: LockState, operation: AcquireOperation, token: number): readonly LockState[] {
    const { value, claim, ttlMs } = operation;
    const joined = presentHolder(state, token);
    if (joined !== undefined) {
      const isOwn = joined.value === value && mayJoin(operation, { token, value });
      if (!isOwn || !isSame(joined.claim, claim)) return [];
      const mayEndAt = this.#earliestEnd(state.now, token, value, ttlMs);
      return [replaced(state, joined, { ...joined, mayEndAt })];
    }
    const unseen = canJoinUnseen(operation) ? this.#joinedUnseen(state, operation, token) : [];
    if (!this.#isTurnOf(token, state.newest)) return unseen;
    const granted = roomFor(state, claim).map((room) => {
      const mayEndAt = this.#earliestEnd(room.now, token, value, ttlMs);
      const holder = { token, value, claim, mayEndAt, goneBy: Number.POSITIVE_INFINITY };
      const spent = inOrder([...room.spent, ...this.#unseenOf(token)]);
      return { ...room, newest: token, spent, holders: [...room.holders, holder] };
    });
    return [...unseen, ...granted];
  }

  /** Nobody is granted twice. */
  #unseenOf(token: number): readonly number[] {
    return this.#unseen.filter((grant) => grant.token === token).map(({ id }) => id);
  }

  /** The queue entry held already, beside others, and nobody had seen it. */
  #joinedUnseen(
    state: LockState,
    operation: AcquireOperation,
    token: number,
  ): readonly LockState[] {
    const { value, end } = operation;
    const entry = { token, value };
    const recognized = state.holders
      .filter((holder) => holder.token === undefined && holder.value === value)
      .map((holder) => this.#recognized(state, holder, entry));
    const wanted = { ...state, by: end, entry, except: operation };
    const appeared = usefulGrants(this.#unseen, wanted).flatMap((grant) =>
      withUnseen(state, grant, token),
    );
    return [...recognized, ...appeared].flatMap((held) => {
      const isKnown = presentHolder(held, token) !== undefined;
      return isKnown ? this.#granted(held, operation, token) : [];
    });
  }

  /**
   * Others held, whether or not anybody knows. Only the first unseen grant may end those who do not
   * hold beside it: all that are needed hold together, and one that ends another is not needed.
   */
  #refused(state: LockState, operation: AcquireOperation, isFirst = true): readonly LockState[] {
    const holders = state.holders.filter(({ goneBy }) => goneBy >= state.now);
    if (holders.length >= refusingHolders(operation.claim)) return [state];
    const wanted = { ...state, by: operation.end, entry: undefined, except: operation };
    return this.#grantsInTurn(wanted, state.newest)
      .flatMap((grant) => withUnseen({ ...state, holders }, grant, grant.token))
      .filter((held) => isFirst || held.holders.length > holders.length)
      .flatMap((held) => this.#refused(held, operation, false));
  }

  /** Without those that are known to come later than one who was told, or to have come before. */
  #grantsInTurn(wanted: Wanted, newest: number): readonly UnseenGrant[] {
    return usefulGrants(this.#unseen, wanted).filter((grant) => {
      const { token } = grant;
      if (token === undefined || this.#isTurnOf(token, newest)) return true;
      return token < newest && maySurface(grant) && !this.#order.includes(token);
    });
  }

  #renewed(state: LockState, token: number, ttlMs: number): readonly LockState[] {
    const holder = presentHolder(state, token);
    // A queue entry that waits can be renewed, too; it may hold later.
    if (holder === undefined) return token > state.newest ? [state] : [];
    const mayEndAt = this.#earliestEnd(state.now, token, holder.value, ttlMs);
    return [replaced(state, holder, { ...holder, mayEndAt })];
  }

  #released(state: LockState, token: number): readonly LockState[] {
    const holder = presentHolder(state, token);
    if (holder !== undefined) return [replaced(state, holder, undefined)];
    const neverHeld = token > state.newest && !this.#told.has(token);
    return neverHeld ? [state] : [];
  }

  #absent(state: LockState, { token }: TokenOperation): readonly LockState[] {
    const holder = state.holders.find((each) => each.token === token);
    return holder === undefined ? [state] : [withoutHolder(state, holder)];
  }

  #seen(state: LockState, view: ViewOperation): readonly LockState[] {
    const isShown = ({ token }: Holder) => view.holders.some((entry) => entry.token === token);
    const hidden = state.holders.find((holder) => holder.token !== undefined && !isShown(holder));
    if (hidden !== undefined) return this.#seen(withoutHolder(state, hidden), view);
    const missing = view.holders.filter(
      ({ token }) => !state.holders.some((holder) => holder.token === token),
    );
    const unseen = state.holders.find(({ token }) => token === undefined);
    if (unseen !== undefined) {
      const known = missing
        .filter(({ value }) => value === unseen.value)
        .map((entry) => this.#recognized(state, unseen, entry));
      const others = [withoutHolder(state, unseen), ...known];
      return others.flatMap((next) => this.#seen(next, view));
    }
    const [first] = missing.toSorted((one, other) => one.token - other.token);
    if (first !== undefined) return this.#appeared(state, first, view);
    return state.holders.every(({ goneBy }) => goneBy >= state.now) ? [state] : [];
  }

  #recognized(state: LockState, holder: Holder, { token }: SeenEntry): LockState {
    const newest = Math.max(state.newest, token);
    return { ...replaced(state, holder, { ...holder, token }), newest };
  }

  #appeared(state: LockState, entry: SeenEntry, view: ViewOperation): readonly LockState[] {
    const { token } = entry;
    const isLater = token > state.newest;
    // Otherwise it would come before one that must have been granted first, or back from its end.
    if (isLater ? !this.#isTurnOf(token, state.newest) : this.#order.includes(token)) return [];
    const wanted = { ...state, by: view.end, entry, except: view };
    return usefulGrants(this.#unseen, wanted).flatMap((grant) => {
      // Those who hold together may be seen in another order than they were granted in.
      if (!isLater && !maySurface(grant)) return [];
      // Nobody ends for it: the others are shown, too.
      return withUnseen(state, grant, token)
        .filter((held) => held.holders.length > state.holders.length)
        .flatMap((held) => this.#seen(held, view));
    });
  }

  /**
   * Unknown operations may have given the queue entry back, or shortened its TTL, at any time from
   * their start on.
   */
  #earliestEnd(now: number, token: number, value: string, ttlMs: number): number {
    let earliest = now + ttlMs * this.#ttlFactor;
    for (const operation of this.#unknown) {
      const from = Math.max(now, operation.start);
      if (operation.type === 'release' && operation.token === token) {
        earliest = Math.min(earliest, from);
      } else if (mayShorten(operation, token, value)) {
        earliest = Math.min(earliest, from + operation.ttlMs * this.#ttlFactor);
      }
    }
    return earliest;
  }

  /** Grants are in the order of the tokens, and every token that was told has to be granted. */
  #isTurnOf(token: number, newest: number): boolean {
    const order = this.#order;
    let low = 0;
    let high = order.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((order[middle] ?? 0) > newest) high = middle;
      else low = middle + 1;
    }
    return token > newest && token <= (order[low] ?? token);
  }

  #isOfUnseen({ value, end, result: { token } }: ToldOperation): boolean {
    return this.#unseen.some(
      (grant) => grant.operation.start <= end && mayBe(grant, { token, value }),
    );
  }
}

function canJoinUnseen({ value, place, claim }: AcquireOperation): boolean {
  return (value !== '' || place !== undefined) && mayHoldTogether([claim, claim]);
}

/** A place is joined only by those who ask for the same. */
function isSame(one: Claim, other: Claim): boolean {
  return one.mode === other.mode && one.limit === other.limit;
}

/** The operations with a certain answer: these have to be put in an order. */
export function isCertain(operation: LockOperation): boolean {
  const outcome = outcomeOf(operation);
  return outcome !== 'unknown' && outcome !== 'left' && outcome !== 'removed';
}

function outcomeOf(operation: LockOperation): string {
  if (operation.type === 'view') return 'ok';
  return operation.type === 'acquire' ? operation.result.type : operation.result;
}

function mayShorten(
  operation: LockOperation,
  token: number,
  value: string,
): operation is LockOperation & { readonly ttlMs: number } {
  if (operation.type === 'renew') return operation.token === token;
  return operation.type === 'acquire' && mayJoin(operation, { token, value });
}

function presentHolder(state: LockState, token: number): Holder | undefined {
  return state.holders.find((holder) => holder.token === token && holder.goneBy >= state.now);
}

function replaced(state: LockState, holder: Holder, by: Holder | undefined): LockState {
  const holders = state.holders.flatMap((each) => (each === holder ? (by ?? []) : each));
  return { ...state, holders };
}

/** It ended without a word. */
function withoutHolder(state: LockState, holder: Holder): LockState {
  const now = Math.max(state.now, Math.min(holder.mayEndAt, holder.goneBy));
  return { ...replaced(state, holder, undefined), now };
}

/** Every way to end so many of those who hold that another one may join the rest. */
function roomFor(before: LockState, claim: Claim): readonly LockState[] {
  let state = before;
  for (const holder of before.holders) {
    const isOver = holder.goneBy < state.now;
    if (isOver || !mayHoldTogether([holder.claim, claim])) state = withoutHolder(state, holder);
  }
  if (mayHoldTogether([...state.holders.map((each) => each.claim), claim])) return [state];
  return state.holders.map((holder) => withoutHolder(state, holder));
}

function inOrder(ids: readonly number[]): readonly number[] {
  return ids.toSorted((one, other) => one - other);
}

/** Those who hold and would not hold beside it have ended before. */
function withUnseen(
  before: LockState,
  { id, operation, goneBy }: UnseenGrant,
  token: number | undefined,
): readonly LockState[] {
  const { claim, value, start } = operation;
  return roomFor({ ...before, now: Math.max(before.now, start) }, claim).map((state) => {
    const holder = { token, value, claim, mayEndAt: state.now, goneBy };
    const spent = inOrder([...state.spent, id]);
    const newest = Math.max(state.newest, token ?? 0);
    return { ...state, newest, spent, holders: [...state.holders, holder] };
  });
}
