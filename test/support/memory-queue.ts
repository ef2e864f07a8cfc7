import { AssertionError, assert } from '../../src/assert.js';
import { StorageError } from '../../src/storage/storage-error.js';
import type { MemoryDisk, MemoryDiskUser } from './memory-disk.js';

export type MemoryStepKind = 'write' | 'chunk' | 'finish' | 'compact';

/**
 * Calls `complete` when the step has reached the disk: later, never twice; after a crash it has no
 * effect.
 */
export type MemorySchedule = (complete: () => void, kind: MemoryStepKind) => void;

export const completeAtOnce: MemorySchedule = (complete) => queueMicrotask(complete);

interface Step {
  readonly kind: MemoryStepKind;
  readonly effect: () => void;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** One step after the other reaches the disk, as they do in LevelDB. */
export class MemoryQueue implements MemoryDiskUser {
  readonly #disk: MemoryDisk;
  readonly #schedule: MemorySchedule;
  readonly #waiting: Step[] = [];
  #inProgress: Step | undefined;
  #failure: StorageError | undefined;
  #isDetached = false;
  readonly #onDrained: (() => void)[] = [];

  constructor(disk: MemoryDisk, schedule: MemorySchedule) {
    this.#disk = disk;
    this.#schedule = schedule;
  }

  get failure(): StorageError | undefined {
    return this.#failure;
  }

  get stepInProgress(): (() => void) | undefined {
    return this.#inProgress?.effect;
  }

  detach(): void {
    this.#isDetached = true;
  }

  /** Resolves when `effect` is durable. After a crash it never settles. */
  push(kind: MemoryStepKind, effect: () => void): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ kind, effect, resolve, reject });
      this.#next();
    });
  }

  /** Resolves when nothing is in progress; rejects every later step. */
  close(): Promise<void> {
    this.#failure ??= new StorageError('io', 'the storage is closed');
    if (this.#inProgress === undefined || this.#isDetached) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onDrained.push(resolve);
    });
  }

  #next(): void {
    if (this.#inProgress !== undefined || this.#isDetached) return;
    const step = this.#waiting.shift();
    this.#inProgress = step;
    if (step === undefined) {
      this.#drained();
      return;
    }
    this.#schedule(() => this.#complete(step), step.kind);
  }

  #complete(step: Step): void {
    if (this.#isDetached) return;
    assert(this.#inProgress === step, `a ${step.kind} completed twice`);
    const failing = this.#disk.takeFailure();
    if (failing !== undefined) {
      if (failing.isWritten) step.effect();
      this.#fail(step);
      return;
    }
    try {
      step.effect();
      step.resolve();
    } catch (error) {
      assert(error instanceof AssertionError, String(error));
      step.reject(error);
    }
    this.#inProgress = undefined;
    this.#next();
  }

  #fail(step: Step): void {
    const failure = new StorageError('io', `the disk failed at a ${step.kind} (injected)`);
    this.#failure = failure;
    this.#inProgress = undefined;
    step.reject(failure);
    for (const waiting of this.#waiting.splice(0)) waiting.reject(failure);
    this.#drained();
  }

  #drained(): void {
    for (const resolve of this.#onDrained.splice(0)) resolve();
  }
}
