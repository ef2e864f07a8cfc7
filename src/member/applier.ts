import { type LogIndex, logIndex } from '../ids.js';
import type { Entry, SnapshotMetadata } from '../raft/entry.js';
import type { Raft } from '../raft/raft.js';
import type { Outcome, StateMachine } from '../store/state-machine.js';
import type { MemberOptions } from './options.js';
import type { Snapshots } from './snapshots.js';
import { Trail } from './trail.js';

/** Applies committed entries to the state, and keeps the log behind it short. */
export class Applier {
  readonly #options: MemberOptions;
  readonly #raft: Raft;
  readonly #stateMachine: StateMachine;
  readonly #snapshots: Snapshots;
  readonly #trail: Trail;
  /** What is kept behind the snapshot that is being taken. */
  #trailingEntries = 0;
  #entriesSinceSnapshot = 0;
  #bytesSinceSnapshot = 0;

  constructor(
    options: MemberOptions,
    raft: Raft,
    stateMachine: StateMachine,
    snapshots: Snapshots,
  ) {
    this.#options = options;
    this.#raft = raft;
    this.#stateMachine = stateMachine;
    this.#snapshots = snapshots;
    this.#trail = new Trail(options.limits.trailingEntries);
  }

  get appliedIndex(): LogIndex {
    return logIndex(this.#stateMachine.appliedIndex);
  }

  /** Undefined for an entry that carries no command. */
  apply(entry: Entry): Outcome | undefined {
    this.#entriesSinceSnapshot += 1;
    this.#bytesSinceSnapshot += entry.data.length;
    this.#trail.add(entry.data.length);
    return this.#stateMachine.apply(entry, this.#options.clock.now());
  }

  considerSnapshot(): void {
    const { snapshotCount, snapshotLogBytesMax } = this.#options.limits;
    const isDue =
      this.#entriesSinceSnapshot >= snapshotCount ||
      this.#bytesSinceSnapshot >= snapshotLogBytesMax;
    if (!isDue || this.#snapshots.isTaking) return;
    this.#entriesSinceSnapshot = 0;
    this.#bytesSinceSnapshot = 0;
    this.#trailingEntries = this.#trail.entriesWithin(this.#options.limits.trailingBytesMax);
    this.#snapshots.take(this.#raft.snapshotMetadataAt(this.appliedIndex));
  }

  /** The snapshot is durable: forgets the log behind it, but for what late followers may still need. */
  async compact(metadata: SnapshotMetadata): Promise<void> {
    const keepFrom = logIndex(Math.max(1, metadata.lastIncludedIndex + 1 - this.#trailingEntries));
    this.#raft.compact(metadata, keepFrom);
    await this.#options.storage.compact(logIndex(keepFrom - 1));
  }
}
