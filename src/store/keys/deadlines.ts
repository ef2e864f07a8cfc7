import { Heap } from '../part/heap.js';
import type { Writable } from '../part/writable.js';
import { type Deadline, isAttached, type Node } from './node.js';

/**
 * A deadline that was found due is not due again for so long, since its expiry is being replicated.
 */
const retryMs = 1000;

/** A TTL that a log entry started. The cluster's time of the start is not known yet. */
interface Start {
  readonly deadline: Deadline;
  readonly leaseRevision: number;
}

/** What is replicated of a deadline. */
export interface ReplicatedDeadline extends Pick<Deadline, 'ttlMs' | 'leaseRevision'> {
  readonly startedAt?: number | undefined;
}

/**
 * All TTLs. Each member counts a TTL on its own clock, from when it applied the entry that started
 * it. A member that was down, or that replays its log, applies late: the cluster's clock tells it
 * how much of the TTL had passed before.
 */
export class Deadlines {
  readonly #beforeChange: (node: Node) => void;
  readonly #heap = new Heap<Deadline>((a, b) => a.dueAt < b.dueAt);
  /** In the order of their lease revisions; those before `#nextStart` are known. */
  #starts: Start[] = [];
  #nextStart = 0;
  #restoredIndex = 0;

  /** @param beforeChange called before a change of what is replicated. */
  constructor(beforeChange: (node: Node) => void) {
    this.#beforeChange = beforeChange;
  }

  get size(): number {
    return this.#heap.size;
  }

  /** Starts or restarts the TTL in full. */
  start(deadline: Deadline, ttlMs: number, leaseRevision: number, now: number): void {
    const changed = this.#change(deadline);
    changed.ttlMs = ttlMs;
    changed.leaseRevision = leaseRevision;
    changed.startedAt = undefined;
    changed.expiresAt = now + ttlMs;
    this.schedule(deadline, deadline.expiresAt);
    this.#starts.push({ deadline, leaseRevision });
  }

  /** Sets a TTL that does not run. It is to be scheduled by the caller. */
  setIdle(deadline: Deadline, ttlMs: number): void {
    this.#change(deadline).ttlMs = ttlMs;
  }

  /**
   * The place of a waiting queue entry is kept for its TTL, which only the leader's clock counts.
   */
  keep(deadline: Writable<Deadline>, now: number): void {
    deadline.expiresAt = now + deadline.ttlMs;
    this.schedule(deadline, deadline.expiresAt);
  }

  #change(deadline: Deadline): Writable<Deadline> {
    this.#beforeChange(deadline.node);
    return deadline;
  }

  /** Makes the deadline due at that time. */
  schedule(deadline: Writable<Deadline>, dueAt: number): void {
    deadline.dueAt = dueAt;
    this.#heap.put(deadline);
  }

  drop(deadline: Deadline): void {
    this.#heap.remove(deadline);
  }

  /**
   * Records when TTLs started, as an entry's stamp tells it. The leader had applied `appliedIndex`
   * at `clusterTimeMs`, so a TTL that this entry or an earlier one started had begun by then.
   * Removed nodes are skipped: members drop their deadlines at different times, and the state must
   * be the same on all.
   */
  recordStarts(appliedIndex: number, clusterTimeMs: number, now: number): void {
    for (;;) {
      const start = this.#starts[this.#nextStart];
      if (start === undefined || start.leaseRevision > appliedIndex) break;
      this.#nextStart += 1;
      const { deadline, leaseRevision } = start;
      if (deadline.leaseRevision !== leaseRevision || deadline.slot < 0) continue;
      if (!isAttached(deadline.node)) continue;
      if (this.#hasNotBegun(deadline)) {
        makeAnew(deadline, now);
        this.schedule(deadline, deadline.dueAt);
      }
      this.#change(deadline).startedAt = clusterTimeMs;
    }
    if (this.#nextStart * 2 > this.#starts.length) this.#forgetKnown();
  }

  /**
   * The cluster was made of a backup, and its log begins behind that index. A TTL that was started
   * before begins anew with the first entry that has a stamp: until then there may have been no
   * leader, and nobody could renew it.
   */
  beginAt(restoredIndex: number): void {
    this.#restoredIndex = restoredIndex;
  }

  #hasNotBegun({ leaseRevision, startedAt }: Deadline): boolean {
    return leaseRevision <= this.#restoredIndex && startedAt === undefined;
  }

  forgetStarts(): void {
    for (const deadline of this.#heap.items) {
      if (isAttached(deadline.node)) this.#change(deadline).startedAt = undefined;
    }
  }

  #forgetKnown(): void {
    this.#starts = this.#starts.slice(this.#nextStart);
    this.#nextStart = 0;
  }

  /**
   * Makes deadlines earlier where this member applied the start of a TTL late. The cluster's clock
   * is the bound, so none becomes due early. Who waits has the whole TTL from now on: nobody could
   * come back to a place while there was no leader.
   */
  adjust(now: number, clusterTimeMs: number): void {
    for (const deadline of this.#heap.items) {
      if (deadline.leaseRevision === 0) makeLater(deadline, now);
      else if (this.#hasNotBegun(deadline)) makeAnew(deadline, now);
      else makeEarlier(deadline, now, clusterTimeMs);
    }
    this.#heap.reorder();
  }

  /** Returns the next deadline that is due, and makes it due again later. */
  takeDue(now: number): Deadline | undefined {
    for (;;) {
      const deadline = this.#heap.first;
      if (deadline === undefined || deadline.dueAt > now) return undefined;
      if (isAttached(deadline.node)) {
        this.schedule(deadline, now + retryMs);
        return deadline;
      }
      this.#heap.remove(deadline);
    }
  }

  /** For a snapshot. To be followed by `orderStarts` once all are restored. */
  restore(
    deadline: Writable<Deadline>,
    { ttlMs, leaseRevision, startedAt }: ReplicatedDeadline,
    now: number,
    clusterTimeMs: number,
  ): void {
    deadline.ttlMs = ttlMs;
    deadline.leaseRevision = leaseRevision;
    deadline.startedAt = startedAt;
    const passed = startedAt === undefined ? 0 : passedMs(startedAt, clusterTimeMs);
    deadline.expiresAt = now + ttlMs - passed;
    this.schedule(deadline, deadline.expiresAt);
    if (leaseRevision !== 0 && startedAt === undefined) {
      this.#starts.push({ deadline, leaseRevision });
    }
  }

  orderStarts(): void {
    this.#starts.sort((a, b) => a.leaseRevision - b.leaseRevision);
  }
}

function makeEarlier(deadline: Writable<Deadline>, now: number, clusterTimeMs: number): void {
  if (deadline.startedAt !== undefined) {
    const leftMs = deadline.ttlMs - passedMs(deadline.startedAt, clusterTimeMs);
    deadline.expiresAt = Math.min(deadline.expiresAt, now + leftMs);
  }
  deadline.dueAt = deadline.expiresAt;
}

function makeAnew(deadline: Writable<Deadline>, now: number): void {
  deadline.expiresAt = now + deadline.ttlMs;
  deadline.dueAt = deadline.expiresAt;
}

function makeLater(deadline: Writable<Deadline>, now: number): void {
  deadline.expiresAt = Math.max(deadline.expiresAt, now + deadline.ttlMs);
  deadline.dueAt = Math.max(deadline.dueAt, deadline.expiresAt);
}

/** The time that has passed at least. Both times are rounded to milliseconds, hence one less. */
export function passedMs(startedAt: number, clusterTimeMs: number): number {
  return Math.max(0, clusterTimeMs - startedAt - 1);
}
