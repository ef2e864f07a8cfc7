import type { LogIndex } from '../ids.js';
import type { Clock } from './clock.js';
import { UnavailableError } from './coordinator.js';
import type { ReadContexts } from './read-contexts.js';

interface Reader {
  readonly deadline: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Readers that arrived in one turn share one read index request. */
interface ReadBatch {
  readers: Reader[];
  readonly askedAt: number;
  /** Undefined until the leader has answered. */
  readIndex: LogIndex | undefined;
}

/** Read barriers of this member: each waits for a read index, then for the state to reach it. */
export class Reads {
  readonly #clock: Clock;
  readonly #batches = new Map<number, ReadBatch>();
  #arrived: Reader[] = [];
  readonly #contexts: ReadContexts;

  constructor(clock: Clock, contexts: ReadContexts) {
    this.#clock = clock;
    this.#contexts = contexts;
  }

  add(timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#arrived.push({ deadline: this.#clock.now() + timeoutMs, resolve, reject });
    });
  }

  /** Takes the readers without a request, as one request; undefined when there are none. */
  takeUnasked(): number | undefined {
    if (this.#arrived.length === 0) return undefined;
    const context = this.#contexts.next();
    this.#batches.set(context, {
      readers: this.#arrived,
      askedAt: this.#clock.now(),
      readIndex: undefined,
    });
    this.#arrived = [];
    return context;
  }

  /** A request that was given up has no effect. */
  onReadIndex(context: number, readIndex: LogIndex): void {
    const batch = this.#batches.get(context);
    if (batch !== undefined) batch.readIndex = readIndex;
  }

  onRefused(context: number): void {
    const batch = this.#batches.get(context);
    if (batch === undefined || batch.readIndex !== undefined) return;
    this.#askAgain(context, batch);
  }

  /** Requests to the old leader will not be answered. A known read index stays valid. */
  onLeaderChange(): void {
    for (const context of [...this.#batches.keys()]) this.onRefused(context);
  }

  serve(appliedIndex: LogIndex): void {
    for (const [context, batch] of this.#batches) {
      if (batch.readIndex === undefined || batch.readIndex > appliedIndex) continue;
      this.#batches.delete(context);
      for (const reader of batch.readers) reader.resolve();
    }
  }

  tick(askAgainAfterMs: number): void {
    const now = this.#clock.now();
    this.#arrived = this.#expire(this.#arrived, now);
    for (const [context, batch] of [...this.#batches]) {
      batch.readers = this.#expire(batch.readers, now);
      if (batch.readers.length === 0) this.#batches.delete(context);
      else if (batch.readIndex === undefined && now - batch.askedAt >= askAgainAfterMs) {
        this.#askAgain(context, batch);
      }
    }
  }

  close(): void {
    this.giveUp('the member stops');
  }

  giveUp(reason: string): void {
    const readers = [...this.#arrived, ...[...this.#batches.values()].flatMap((b) => b.readers)];
    this.#arrived = [];
    this.#batches.clear();
    for (const reader of readers) reader.reject(new UnavailableError(reason, 'none'));
  }

  #askAgain(context: number, batch: ReadBatch): void {
    this.#batches.delete(context);
    this.#arrived.push(...batch.readers);
  }

  #expire(readers: Reader[], now: number): Reader[] {
    if (!readers.some((reader) => now >= reader.deadline)) return readers;
    const message = 'no leader confirmed the read in time';
    for (const reader of readers) {
      if (now >= reader.deadline) reader.reject(new UnavailableError(message, 'none'));
    }
    return readers.filter((reader) => now < reader.deadline);
  }
}
