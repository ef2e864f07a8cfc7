import { MalformedError, NewerFormatError } from '../encoding/format-error.js';
import type { SnapshotMetadata } from '../raft/entry.js';
import type { InstallSnapshotRequest } from '../raft/messages.js';
import type { SnapshotWriter } from '../storage/storage.js';
import type { SnapshotRestorer } from '../store/snapshot-restorer.js';

/**
 * A snapshot on its way in. Each chunk goes to the disk and, while it is written, into a state beside the
 * live one. So a snapshot is known to decode before anything refers to it, and nothing is left to be
 * restored once it is whole.
 */
export class IncomingSnapshot {
  readonly request: InstallSnapshotRequest;
  readonly #writer: SnapshotWriter;
  readonly #restorer: SnapshotRestorer;
  readonly #onFailure: (error: unknown) => void;
  #bytes = 0;
  #end: Error | undefined;
  #onEnd: (reason: Error) => void = () => {};

  /** @param onFailure told of what must end the member: the disk fails, or an invariant is broken. */
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

  /** Nobody wants it any more: `take` rejects at once with this reason, whatever it waits for. */
  end(reason: Error): void {
    this.#end ??= reason;
    this.#onEnd(this.#end);
  }

  /**
   * Waits for `begin`, takes every chunk, and calls `onWhole` when all are durable and make a whole state. When
   * it rejects it has forgotten what was written.
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

  /** Makes it the newest snapshot in storage. */
  async publish(): Promise<void> {
    await this.#writer.finish();
  }

  /** Puts its state in the place of the live one. */
  install(): void {
    this.#restorer.install();
  }

  /** The core has no use for it. */
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
 * A snapshot whose state is not the one that it stands for would leave a gap behind it, or apply entries twice.
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
