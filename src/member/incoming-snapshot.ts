import { assert } from '../assert.js';
import { MalformedError, NewerFormatError } from '../encoding/format-error.js';
import type { SnapshotMetadata } from '../raft/entry.js';
import type { InstallSnapshotRequest } from '../raft/messages.js';
import type { SnapshotWriter } from '../storage/storage.js';
import type { SnapshotRestorer } from '../store/snapshot/snapshot-restorer.js';

/**
 * A snapshot that is being received. Each chunk is written to disk and, meanwhile, decoded into a
 * second state beside the live one. So a snapshot is known to decode before anything refers to it,
 * and needs no restoring once it is complete.
 */
export class IncomingSnapshot {
  readonly request: InstallSnapshotRequest;
  readonly #writer: SnapshotWriter;
  readonly #restorer: SnapshotRestorer;
  readonly #onFailure: (error: unknown) => void;
  #bytes = 0;
  #end: Error | undefined;
  #onEnd: (reason: Error) => void = () => {};

  /**
   * @param onFailure told of what must end the member: the disk fails, or an invariant is broken.
   */
  constructor(
    request: InstallSnapshotRequest,
    writer: SnapshotWriter,
    restorer: SnapshotRestorer,
    onFailure: (error: unknown) => void,
  ) {
    this.request = request;
    this.#writer = writer;
    this.#restorer = restorer;
    this.#onFailure = onFailure;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Cancels the transfer: `take` rejects at once with this reason, whatever it waits for. */
  end(reason: Error): void {
    this.#end ??= reason;
    this.#onEnd(this.#end);
  }

  /**
   * Waits for `begin`, takes every chunk, and calls `onWhole` when all are durable and make a whole
   * state. When it rejects, the written chunks were discarded.
   */
  async take(
    begin: Promise<void>,
    chunks: AsyncIterable<Uint8Array>,
    onWhole: () => void,
  ): Promise<void> {
    try {
      await this.#unlessEnded(begin);
      // Not `for await`: at an early end it would wait for a sender that may have stalled.
      const iterator = chunks[Symbol.asyncIterator]();
      for (;;) {
        const next = await this.#unlessEnded(iterator.next());
        if (next.done === true) break;
        await this.#takeChunk(next.value);
      }
      this.#decoded(() => this.#restorer.finish());
      if (this.#end !== undefined) throw this.#end;
      onWhole();
    } catch (error) {
      await this.#writer.abort();
      throw error;
    }
  }

  /** Publishes it in storage, as the newest snapshot. */
  async publish(): Promise<void> {
    const isNewest = await this.#writer.finish();
    assert(isNewest, 'the core installs nothing older than what is there');
  }

  /** Replaces the live state by its state. */
  install(): void {
    this.#restorer.install();
  }

  /** Discards it: the core has rejected it. */
  async discard(): Promise<void> {
    await this.#writer.abort();
  }

  async #takeChunk(chunk: Uint8Array): Promise<void> {
    this.#bytes += chunk.length;
    const written = this.#writer.append(chunk);
    try {
      this.#decoded(() => this.#restorer.push(chunk));
    } finally {
      await this.#orFail(written);
    }
  }

  #decoded(step: () => void): void {
    const { snapshot } = this.request;
    try {
      step();
      requireStateOf(snapshot, this.#restorer);
    } catch (error) {
      if (!(error instanceof MalformedError || error instanceof NewerFormatError)) {
        this.#onFailure(error);
        throw error;
      }
      const what = `the snapshot up to index ${snapshot.lastIncludedIndex} is refused`;
      throw new MalformedError(`${what}: ${error.message}`, { cause: error });
    }
  }

  async #orFail(step: Promise<void>): Promise<void> {
    try {
      await step;
    } catch (error) {
      this.#onFailure(error);
      throw error;
    }
  }

  /** `Promise.race` would keep every chunk in memory until the end. */
  #unlessEnded<T>(step: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#onEnd = reject;
      step.then(resolve, reject);
      if (this.#end !== undefined) reject(this.#end);
    });
  }
}

/**
 * A snapshot whose state does not match its metadata would leave a gap, or apply entries twice.
 * @throws {MalformedError}
 */
export function requireStateOf(
  { lastIncludedIndex, lastIncludedTerm }: SnapshotMetadata,
  { head }: SnapshotRestorer,
): void {
  if (head === undefined) return;
  if (head.appliedIndex === lastIncludedIndex && head.appliedTerm === lastIncludedTerm) return;
  throw new MalformedError(
    `its state is that of index ${head.appliedIndex} and term ${head.appliedTerm}, ` +
      `not of index ${lastIncludedIndex} and term ${lastIncludedTerm}`,
  );
}
