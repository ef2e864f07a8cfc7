import { type LogIndex, logIndex } from '../ids.js';
import type { Entry, SnapshotMetadata } from '../raft/entry.js';
import type { Raft } from '../raft/raft.js';
import type { Outcome, StateMachine } from '../store/state-machine.js';
import { Compaction } from './compaction.js';
import type { MemberOptions } from './options.js';
import { SnapshotPace } from './snapshot-pace.js';
import type { Snapshots } from './snapshots.js';

/** Applies committed entries to the state, and keeps the log behind it short. */
export class Applier {
  readonly #options: MemberOptions;
  readonly #raft: Raft;
  readonly #stateMachine: StateMachine;
  readonly #snapshots: Snapshots;
  readonly #pace: SnapshotPace;
  readonly #compaction: Compaction;

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
    this.#pace = new SnapshotPace(options.limits);
    this.#compaction = new Compaction(raft, options.storage, snapshots, options.limits);
  }

  get appliedIndex(): LogIndex {
    return logIndex(this.#stateMachine.appliedIndex);
  }

  /** Undefined for an entry that carries no command. */
  apply(entry: Entry): Outcome | undefined {
    this.#pace.add(entry.data.length);
    this.#compaction.add(entry.data.length);
    return this.#stateMachine.apply(entry, this.#options.clock.now());
  }

  considerSnapshot(): void {
    if (this.#snapshots.isTaking || !this.#pace.isDue(this.#snapshots.newestBytes)) return;
    this.takeSnapshot();
  }

  /** Of all that is applied. No other is being taken. */
  takeSnapshot(): void {
    this.#pace.restart();
    const metadata = this.#raft.snapshotMetadataAt(this.appliedIndex);
    this.#compaction.snapshotBegins(metadata);
    this.#snapshots.take(metadata);
  }

  /** The snapshot is durable. */
  compact(metadata: SnapshotMetadata): Promise<void> {
    return this.#compaction.compact(metadata);
  }

  tick(): Promise<void> {
    return this.#compaction.tick();
  }
}
