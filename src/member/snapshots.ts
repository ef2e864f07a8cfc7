import { assert } from '../assert.js';
import { MalformedError } from '../encoding/format-error.js';
import { type LogIndex, logIndex, type MemberId, type Term, term } from '../ids.js';
import type { Logger } from '../logger.js';
import type { SnapshotMetadata } from '../raft/entry.js';
import type { InstallSnapshotRequest } from '../raft/messages.js';
import { corrupt } from '../storage/corruption.js';
import type { Storage } from '../storage/storage.js';
import type { StateMachine } from '../store/state-machine.js';
import type { Transport } from '../transport/transport.js';
import { messageOf } from '../transport/transport-error.js';
import type { Clock } from './clock.js';
import { IncomingSnapshot, requireStateOf } from './incoming-snapshot.js';
import type { SnapshotCounts } from './measurements.js';
import type { MemberLimits } from './options.js';
import { PacedLog } from './paced-log.js';

/**
 * The snapshots' events for the driver. Each is called outside a turn, so it only adds an event.
 */
export interface SnapshotEvents {
  /** A snapshot of this member's state is durable: the log behind it may be compacted. */
  taken(metadata: SnapshotMetadata): void;
  /** To be answered with `endTransfer`. */
  delivered(request: InstallSnapshotRequest, success: boolean): void;
  /** Its bytes are durable here and make a whole state; the core decides whether to install it. */
  received(request: InstallSnapshotRequest): void;
  failed(error: Error): void;
}

/** The parts of the member that snapshots use. */
export interface SnapshotDependencies {
  readonly storage: Storage;
  readonly transport: Transport;
  readonly stateMachine: StateMachine;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: Pick<MemberLimits, 'snapshotChunkBytes'>;
}

/** A start from a large snapshot tells how far it is. */
const restoreToldEveryMs = 2000;

/** Takes, sends, receives and installs snapshots, beside the driver's loop. */
export class Snapshots {
  readonly #dependencies: SnapshotDependencies;
  readonly #events: SnapshotEvents;
  readonly #undelivered: PacedLog;
  readonly #sending = new Map<MemberId, InstallSnapshotRequest>();
  #taking = false;
  /** The highest term that this member knows of. */
  #term: Term = term(0);
  #incoming: IncomingSnapshot | undefined;
  /** Received completely, and not yet installed. */
  #received: IncomingSnapshot | undefined;
  #settled: Promise<void> = Promise.resolve();
  #onSettled: () => void = () => {};
  #newestBytes = 0;
  #newestIndex: LogIndex = logIndex(0);
  #ended: Promise<void> = Promise.resolve();
  #taken = 0;
  #sent = 0;
  #notSent = 0;
  #installed = 0;
  #stopped = false;

  constructor(dependencies: SnapshotDependencies, events: SnapshotEvents) {
    this.#dependencies = dependencies;
    this.#events = events;
    const { clock, logger } = dependencies;
    this.#undelivered = new PacedLog(clock, (fields) => logger.warn(fields, 'snapshot not sent'));
  }

  describe(): SnapshotCounts {
    return {
      taken: this.#taken,
      sent: this.#sent,
      notSent: this.#notSent,
      installed: this.#installed,
      newestBytes: this.#newestBytes,
    };
  }

  get isTaking(): boolean {
    return this.#taking;
  }

  /** The size of the newest snapshot that was taken or received; zero when there is none. */
  get newestBytes(): number {
    return this.#newestBytes;
  }

  /**
   * A received snapshot takes the place of log and state, in steps: none can be taken meanwhile.
   */
  get isInstalling(): boolean {
    return this.#received !== undefined;
  }

  /** Resolves when no received snapshot is being installed any more, whether it was or not. */
  installingEnded(): Promise<void> {
    return this.#settled;
  }

  /** The last index that the newest snapshot in storage covers; zero when there is none. */
  get newestIndex(): LogIndex {
    return this.#newestIndex;
  }

  get isStopped(): boolean {
    return this.#stopped;
  }

  /**
   * Resolves when no snapshot is being taken any more, whether it was finished or not.
   * @throws what made it fail, as a rejection: no other one is taken then.
   */
  takingEnded(): Promise<void> {
    return this.#ended;
  }

  /** The last included index of each snapshot that is being sent. */
  get sentIndexes(): readonly LogIndex[] {
    return Array.from(this.#sending.values(), ({ snapshot }) => snapshot.lastIncludedIndex);
  }

  /** Takes a snapshot of the state as it is now, whatever is applied while it is written. */
  take(metadata: SnapshotMetadata): void {
    this.#taking = true;
    this.#ended = this.#write(metadata).then((whole) => {
      this.#taking = false;
      if (whole) this.#events.taken(metadata);
    });
    this.#ended.catch((error: unknown) => this.#fail(error));
  }

  async #write(metadata: SnapshotMetadata): Promise<boolean> {
    const { stateMachine, storage, limits, clock, logger } = this.#dependencies;
    const startedAt = clock.now();
    const source = stateMachine.snapshot();
    const writer = storage.createSnapshot(metadata);
    let bytes = 0;
    try {
      for (;;) {
        const chunk = source.next(limits.snapshotChunkBytes);
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
    if (!(await writer.finish())) return false;
    this.#newestBytes = bytes;
    this.#newestIndex = metadata.lastIncludedIndex;
    this.#taken += 1;
    const tookMs = Math.round(clock.now() - startedAt);
    logger.info({ index: metadata.lastIncludedIndex, bytes, tookMs }, 'snapshot taken');
    return true;
  }

  /** Sends the newest snapshot. The transport ends an earlier transfer to the same peer. */
  send(request: InstallSnapshotRequest): void {
    const { storage, transport, logger, clock } = this.#dependencies;
    const startedAt = clock.now();
    const reader = storage.openSnapshot();
    assert(reader !== undefined, 'the core sends a snapshot that storage does not have');
    const current = { ...request, snapshot: reader.metadata };
    this.#sending.set(request.to, current);
    const { to } = request;
    const index = reader.metadata.lastIncludedIndex;
    transport.sendSnapshot(current, this.readOrFail(reader.chunks())).then(
      () => {
        const tookMs = Math.round(clock.now() - startedAt);
        logger.info({ peer: to, index, tookMs }, 'snapshot sent');
        this.#sent += 1;
        this.#events.delivered(current, true);
      },
      (error: unknown) => {
        this.#undelivered.tell(to, { peer: to, index, reason: messageOf(error) });
        this.#notSent += 1;
        this.#events.delivered(current, false);
      },
    );
  }

  /**
   * Ends a transfer, before its outcome is reported to the core. False when a newer transfer has
   * replaced it: the core must not mistake the outcome of one for that of the other.
   */
  endTransfer(request: InstallSnapshotRequest): boolean {
    if (this.#sending.get(request.to) !== request) return false;
    return this.#sending.delete(request.to);
  }

  /**
   * Receives a snapshot. It replaces one that is still being received from an earlier leader, or
   * from the same leader, which has given that up. Resolves when it is complete.
   * @throws when it is not wanted, is incomplete, or does not match its metadata: the sender is
   *   told.
   */
  async receive(request: InstallSnapshotRequest, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const incoming = this.#admit(request);
    try {
      await incoming.take(this.#settled, chunks, () => this.#offer(incoming));
    } finally {
      if (this.#incoming === incoming) this.#incoming = undefined;
    }
  }

  /** The next snapshot waits until the core has decided about this one: a write may refer to it. */
  #offer(incoming: IncomingSnapshot): void {
    this.#incoming = undefined;
    this.#received = incoming;
    this.#settled = new Promise((resolve) => {
      this.#onSettled = resolve;
    });
    this.#events.received(incoming.request);
  }

  #admit(request: InstallSnapshotRequest): IncomingSnapshot {
    if (this.#stopped) throw new Error('the member stops');
    if (request.term < this.#term) throw outdated(request, this.#term);
    this.#term = request.term;
    this.#incoming?.end(new Error('a newer snapshot takes the place of this one'));
    const { storage, stateMachine, clock } = this.#dependencies;
    this.#incoming = new IncomingSnapshot(
      request,
      storage.createSnapshot(request.snapshot),
      stateMachine.restorer(clock.now()),
      (error) => this.#fail(error),
    );
    return this.#incoming;
  }

  /** The core has entered that term, so transfers from a leader of an earlier term end. */
  enterTerm(currentTerm: Term): void {
    if (currentTerm <= this.#term) return;
    this.#term = currentTerm;
    const incoming = this.#incoming;
    if (incoming !== undefined) incoming.end(outdated(incoming.request, currentTerm));
  }

  /** Publishes the received snapshot in storage, for the write that refers to it. */
  async publish({ lastIncludedIndex }: SnapshotMetadata): Promise<void> {
    const received = this.#received;
    const offered = received?.request.snapshot.lastIncludedIndex;
    assert(
      received !== undefined && offered === lastIncludedIndex,
      `the core installs a snapshot at ${lastIncludedIndex}, the one received is at ${offered}`,
    );
    await received.publish();
  }

  /** The snapshot is installed durably: its state replaces the live one, in one step. */
  install(): void {
    const received = this.#received;
    assert(received !== undefined, 'only a snapshot that was received is installed');
    this.#installed += 1;
    received.install();
    this.#newestBytes = received.bytes;
    const { snapshot, from } = received.request;
    this.#newestIndex = snapshot.lastIncludedIndex;
    this.#dependencies.logger.info(
      { index: snapshot.lastIncludedIndex, bytes: received.bytes, leader: from },
      'snapshot installed',
    );
    this.#settle();
  }

  /** Discards the received snapshot: the core has rejected it. */
  discard(): void {
    this.#received?.discard().catch((error: unknown) => this.#fail(error));
    this.#settle();
  }

  #settle(): void {
    this.#received = undefined;
    this.#onSettled();
  }

  /** A snapshot that cannot be read is the end of the member: its disk has failed. */
  async *readOrFail(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* chunks;
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  /**
   * Restores, at the start, the state of the newest snapshot in storage, if there is one.
   * @throws {StorageError} `corrupt` when it does not match its metadata.
   */
  async restore(): Promise<void> {
    const { storage, stateMachine, clock, logger } = this.#dependencies;
    const reader = storage.openSnapshot();
    if (reader === undefined) return;
    const restorer = stateMachine.restorer(clock.now());
    const { totalBytes } = reader;
    let bytes = 0;
    let toldAt = clock.now();
    try {
      for await (const chunk of reader.chunks()) {
        bytes += chunk.length;
        restorer.push(chunk);
        requireStateOf(reader.metadata, restorer);
        if (clock.now() - toldAt < restoreToldEveryMs) continue;
        toldAt = clock.now();
        logger.info({ bytes, totalBytes }, 'restores its snapshot');
      }
      restorer.finish();
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      const { lastIncludedIndex } = reader.metadata;
      const what = `the snapshot up to index ${lastIncludedIndex} is not what it says`;
      throw corrupt(`${what}: ${error.message}`, { cause: error });
    }
    restorer.install();
    this.#newestBytes = bytes;
    this.#newestIndex = reader.metadata.lastIncludedIndex;
  }

  close(): void {
    this.#stopped = true;
    this.#incoming?.end(new Error('the member stops'));
  }

  #fail(error: unknown): void {
    this.#events.failed(error instanceof Error ? error : new Error(String(error)));
  }
}

function outdated(request: InstallSnapshotRequest, currentTerm: Term): Error {
  return new Error(`a snapshot of term ${request.term} is of no use in term ${currentTerm}`);
}
