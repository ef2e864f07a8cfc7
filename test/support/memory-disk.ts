import { type LogIndex, logIndex } from '../../src/ids.js';
import type { Entry, HardState, SnapshotMetadata } from '../../src/raft/entry.js';
import type { Identity } from '../../src/storage/storage.js';
import { initialHardState } from '../../src/storage/write-rules.js';

export interface MemorySnapshot {
  readonly metadata: SnapshotMetadata;
  readonly chunks: readonly Uint8Array[];
}

/** The storage that uses the disk now: at most one. */
export interface MemoryDiskUser {
  /** The durable effect of the step in progress, if there is one. */
  readonly stepInProgress: (() => void) | undefined;
  /** From now on no pending step takes effect or settles. */
  detach(): void;
}

/**
 * The state that outlives a crash. It belongs to the simulator, which may read it at any time; only
 * a `MemoryStorage` changes it. Every choice comes from `random`, so a run can be repeated.
 */
export class MemoryDisk {
  identity: Identity | undefined;
  boot = 0;
  hardState: HardState = initialHardState;
  entries: Entry[] = [];
  /** Also known when there are no entries: the next entry follows it. */
  lastIndex: LogIndex = logIndex(0);
  snapshot: MemorySnapshot | undefined;
  readonly #random: () => number;
  #user: MemoryDiskUser | undefined;
  #failing = false;

  /** @param random uniform in [0, 1), seeded by the owner. */
  constructor(random: () => number) {
    this.#random = random;
  }

  get user(): MemoryDiskUser | undefined {
    return this.#user;
  }

  attach(user: MemoryDiskUser): void {
    this.#user = user;
  }

  release(user: MemoryDiskUser): void {
    if (this.#user === user) this.#user = undefined;
  }

  /** The step in progress takes effect whole or not at all; the steps behind it are lost. */
  crash(): void {
    const user = this.#user;
    if (user === undefined) return;
    this.#user = undefined;
    const effect = user.stepInProgress;
    user.detach();
    if (effect !== undefined && this.#random() < 0.5) effect();
  }

  /** The next step fails. Its bytes may have reached the disk all the same. */
  failNextWrite(): void {
    this.#failing = true;
  }

  /** The failure of the step that ends now, once per `failNextWrite`; otherwise undefined. */
  takeFailure(): { readonly isWritten: boolean } | undefined {
    if (!this.#failing) return undefined;
    this.#failing = false;
    return { isWritten: this.#random() < 0.5 };
  }

  newIncarnation(): string {
    let digits = '';
    while (digits.length < 32) digits += Math.floor(this.#random() * 16).toString(16);
    return digits;
  }
}
