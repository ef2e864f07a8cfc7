import { type LogIndex, logIndex } from '../ids.js';
import type { Entry, SnapshotMetadata } from '../raft/entry.js';
import type { Raft } from '../raft/raft.js';
import type { Outcome, StateMachine } from '../store/state-machine.js';
import type { MemberOptions } from './options.js';
import { SnapshotPace } from './snapshot-pace.js';
import type { Snapshots } from './snapshots.js';
import { Trail } from './trail.js';

/** Applies committed entries to the state, and keeps the log behind it short. */
export class Applier {
  readonly #options: MemberOptions;
  readonly #raft: Raft;
  readonly #stateMachine: StateMachine;
  readonly #snapshots: Snapshots;
  readonly #trail: Trail;
  readonly #pace: SnapshotPace;
  /** What is kept behind the snapshot that is being taken. */
  #trailingEntries = 0;

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
    this.#pace = new SnapshotPace(options.limits);
  }

  get appliedIndex(): LogIndex {
    return logIndex(this.#stateMachine.appliedIndex);
  }

  /** Undefined for an entry that carries no command. */
  apply(entry: Entry): Outcome | undefined {
    this.#pace.add(entry.data.length);
    this.#trail.add(entry.data.length);
    return this.#stateMachine.apply(entry, this.#options.clock.now());
  }

  considerSnapshot(): void {
    if (this.#snapshots.isTaking || !this.#pace.isDue(this.#snapshots.newestBytes)) return;
    this.#pace.restart();
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
