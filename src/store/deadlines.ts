import { Heap } from './heap.js';
import { Deadline, isAttached, type Node } from './node.js';

/** A deadline that was found due is not found again for so long: its expiry is on its way. */
const retryMs = 1000;

/** An entry of the log started a TTL; the cluster's time at which it did is not known yet. */
interface Start {
  readonly deadline: Deadline;
  readonly leaseRevision: number;
}

/**
 * All TTLs. Each member counts on its own clock, from when it applied the entry that started the TTL.
 * The cluster's clock tells how much of it had passed before: to a member that was down, or that
 * replays its log long after.
 */
export class Deadlines {
  readonly #heap = new Heap<Deadline>((a, b) => a.dueAt < b.dueAt);
  /** In the order of their lease revisions; those before `#nextStart` are known. */
  #starts: Start[] = [];
  #nextStart = 0;

  get size(): number {
    return this.#heap.size;
  }

  get next(): number | undefined {
    return this.#heap.first?.dueAt;
  }

  /** The TTL begins anew, in full. */
  start(deadline: Deadline, ttlMs: number, leaseRevision: number, now: number): void {
    deadline.ttlMs = ttlMs;
    deadline.leaseRevision = leaseRevision;
    deadline.startedAt = undefined;
    deadline.expiresAt = now + ttlMs;
    this.awake(deadline, deadline.expiresAt);
    this.#starts.push({ deadline, leaseRevision });
  }

  /** Looks at the deadline at that time, and not before. */
  awake(deadline: Deadline, dueAt: number): void {
    deadline.dueAt = dueAt;
    this.#heap.put(deadline);
  }

  drop(deadline: Deadline): void {
    this.#heap.remove(deadline);
  }

  /**
   * A leader's stamp: it had applied `appliedIndex` when the cluster's clock showed `clusterTimeMs`, so a
   * TTL that started at or before that entry had begun by then. `onKnown` is called before each change.
   * Nothing is recorded of what was removed: each member drops the deadlines below it in its own time.
   */
  recordStarts(appliedIndex: number, clusterTimeMs: number, onKnown: (node: Node) => void): void {
    for (;;) {
      const start = this.#starts[this.#nextStart];
      if (start === undefined || start.leaseRevision > appliedIndex) break;
      this.#nextStart += 1;
      const { deadline, leaseRevision } = start;
      if (deadline.leaseRevision !== leaseRevision || deadline.slot < 0) continue;
      if (!isAttached(deadline.node)) continue;
      onKnown(deadline.node);
      deadline.startedAt = clusterTimeMs;
    }
    if (this.#nextStart * 2 > this.#starts.length) this.#forgetKnown();
  }

  #forgetKnown(): void {
    this.#starts = this.#starts.slice(this.#nextStart);
    this.#nextStart = 0;
  }

  /**
   * Takes back what this member's clock adds because it applied late. Never below what the cluster's
   * clock proves, so never early.
   */
  adjust(now: number, clusterTimeMs: number): void {
    for (const deadline of this.#heap.items) {
      if (deadline.leaseRevision === 0) continue;
      if (deadline.startedAt !== undefined) {
        const leftMs = deadline.ttlMs - passedMs(deadline.startedAt, clusterTimeMs);
        deadline.expiresAt = Math.min(deadline.expiresAt, now + leftMs);
      }
      deadline.dueAt = deadline.expiresAt;
    }
    this.#heap.reorder();
  }

  /** The next deadline that is due; it is not due again until later. */
  takeDue(now: number): Deadline | undefined {
    for (;;) {
      const deadline = this.#heap.first;
      if (deadline === undefined || deadline.dueAt > now) return undefined;
      if (isAttached(deadline.node)) {
        this.awake(deadline, now + retryMs);
        return deadline;
      }
      this.#heap.remove(deadline);
    }
  }

  /** @param unknown TTLs that run, and whose start the snapshot does not know. */
  restoreStarts(unknown: readonly Deadline[]): void {
    this.#starts = unknown
      .map((deadline) => ({ deadline, leaseRevision: deadline.leaseRevision }))
      .sort((a, b) => a.leaseRevision - b.leaseRevision);
    this.#nextStart = 0;
  }
}

/** What has passed for sure: both times are whole milliseconds, so up to one of them may not have. */
export function passedMs(startedAt: number, clusterTimeMs: number): number {
  return Math.max(0, clusterTimeMs - startedAt - 1);
}

export function newDeadline(node: Node): Deadline {
  const deadline = new Deadline(node, 0);
  node.deadline = deadline;
  return deadline;
}
