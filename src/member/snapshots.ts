import type { Logger } from '../logger.js';
import type { SnapshotMetadata } from '../raft/entry.js';
import type { InstallSnapshotRequest } from '../raft/messages.js';
import { type Storage, snapshotChunkBytesMax } from '../storage/storage.js';
import type { StateMachine } from '../store/state-machine.js';
import type { Transport } from '../transport/transport.js';

/** What the snapshots tell the driver. Each is called from outside a turn, so it only enqueues. */
export interface SnapshotEvents {
  /** A snapshot of the own state is durable: the log behind it may go. */
  taken(metadata: SnapshotMetadata): void;
  delivered(request: InstallSnapshotRequest, success: boolean): void;
  /** Its bytes are durable here; the core decides whether to install it. */
  received(request: InstallSnapshotRequest): void;
  failed(error: Error): void;
}

/** Takes, sends, receives and restores snapshots, beside the driver's loop. */
export class Snapshots {
  readonly #storage: Storage;
  readonly #transport: Transport;
  readonly #stateMachine: StateMachine;
  readonly #logger: Logger;
  readonly #events: SnapshotEvents;
  #taking = false;
  #receiving = false;
  #newestBytes = 0;
  #stopped = false;

  constructor(
    storage: Storage,
    transport: Transport,
    stateMachine: StateMachine,
    logger: Logger,
    events: SnapshotEvents,
  ) {
    this.#storage = storage;
    this.#transport = transport;
    this.#stateMachine = stateMachine;
    this.#logger = logger;
    this.#events = events;
  }

  get isTaking(): boolean {
    return this.#taking;
  }

  /** Of the newest one that this member has taken or taken in; zero when there is none. */
  get newestBytes(): number {
    return this.#newestBytes;
  }

  /** The state as it is now becomes the snapshot, whatever is applied while it is written. */
  take(metadata: SnapshotMetadata): void {
    this.#taking = true;
    this.#write(metadata)
      .then((whole) => {
        this.#taking = false;
        if (whole) this.#events.taken(metadata);
      })
      .catch((error: unknown) => this.#events.failed(asError(error)));
  }

  async #write(metadata: SnapshotMetadata): Promise<boolean> {
    const source = this.#stateMachine.snapshot();
    const writer = this.#storage.createSnapshot(metadata);
    let bytes = 0;
    try {
      for (;;) {
        const chunk = source.next(snapshotChunkBytesMax);
        if (chunk === undefined) break;
        bytes += chunk.length;
        await writer.append(chunk);
        if (this.#stopped || source.isVoid) {
          await writer.abort();
          return false;
        }
      }
    } finally {
      source.close();
    }
    await writer.finish();
    this.#newestBytes = bytes;
    return true;
  }

  send(request: InstallSnapshotRequest): void {
    const reader = this.#storage.openSnapshot();
    if (reader === undefined) {
      this.#events.delivered(request, false);
      return;
    }
    const current = { ...request, snapshot: reader.metadata };
    this.#transport.sendSnapshot(current, this.#readOrFail(reader.chunks())).then(
      () => this.#events.delivered(current, true),
      (error: unknown) => {
        this.#logger.warn({ err: error, to: request.to }, 'a snapshot was not delivered');
        this.#events.delivered(current, false);
      },
    );
  }

  /** @throws when another one is being received: the leader tries again later. */
  async receive(request: InstallSnapshotRequest, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    if (this.#receiving) throw new Error('another snapshot is being received');
    this.#receiving = true;
    try {
      await this.#store(request.snapshot, chunks);
    } catch (error) {
      this.#receiving = false;
      throw error;
    }
    this.#events.received({ ...request, snapshot: this.#newest(request.snapshot) });
  }

  /**
   * An earlier leader may have sent a newer one, which nobody installed because that leader was gone by
   * then. It holds what was committed too, so it serves as well, and storage keeps only the newest.
   */
  #newest(received: SnapshotMetadata): SnapshotMetadata {
    return this.#storage.openSnapshot()?.metadata ?? received;
  }

  /** The core has installed what was received, or has no use for it: another one may come. */
  settleReceived(): void {
    this.#receiving = false;
  }

  async #store(metadata: SnapshotMetadata, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const writer = this.#storage.createSnapshot(metadata);
    let whole = false;
    try {
      for await (const chunk of chunks) await this.#orFail(writer.append(chunk));
      await this.#orFail(writer.finish());
      whole = true;
    } finally {
      if (!whole) await writer.abort();
    }
  }

  /** The sender may try again after a broken connection; a disk that has failed ends the member. */
  async #orFail(step: Promise<void>): Promise<void> {
    try {
      await step;
    } catch (error) {
      this.#events.failed(asError(error));
      throw error;
    }
  }

  async *#readOrFail(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* chunks;
    } catch (error) {
      this.#events.failed(asError(error));
      throw error;
    }
  }

  /** Replaces the state by the newest snapshot in storage. */
  async restore(now: () => number): Promise<void> {
    const reader = this.#storage.openSnapshot();
    if (reader === undefined) return;
    const restorer = this.#stateMachine.restorer();
    let bytes = 0;
    for await (const chunk of reader.chunks()) {
      bytes += chunk.length;
      restorer.push(chunk);
    }
    restorer.finish(now());
    this.#newestBytes = bytes;
  }

  close(): void {
    this.#stopped = true;
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
