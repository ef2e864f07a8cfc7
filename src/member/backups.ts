import { assert } from '../assert.js';
import { BackupWriter } from '../backup/backup-writer.js';
import type { Raft } from '../raft/raft.js';
import type { SnapshotReader } from '../storage/storage.js';
import type { StateMachine } from '../store/state-machine.js';
import type { Applier } from './applier.js';
import { UnavailableError } from './coordinator.js';
import type { MemberOptions } from './options.js';
import type { Snapshots } from './snapshots.js';

type BackupOptions = Pick<MemberOptions, 'storage' | 'name' | 'version'>;

interface Parts {
  readonly raft: Raft;
  readonly stateMachine: StateMachine;
  readonly applier: Applier;
  readonly snapshots: Snapshots;
}

/**
 * Backups are read from snapshots on this member's disk: one that is read slowly keeps its snapshot
 * there, and neither memory nor anything that the member does.
 */
export class Backups {
  readonly #options: BackupOptions;
  readonly #parts: Parts;

  constructor(options: BackupOptions, parts: Parts) {
    this.#options = options;
    this.#parts = parts;
  }

  /**
   * The bytes of a backup of what is applied now, at least. To be read to the end, or returned.
   * @param takenAt on the wall clock.
   */
  begin(takenAt: number): AsyncGenerator<Uint8Array, void, undefined> {
    const snapshot = this.#snapshot();
    // Whoever reads on is told.
    snapshot.catch(() => undefined);
    return this.#bytes(snapshot, takenAt);
  }

  /** A durable snapshot. One that is there, or is being taken, will do if it has all of it. */
  async #snapshot(): Promise<SnapshotReader> {
    const { applier, snapshots } = this.#parts;
    const index = applier.appliedIndex;
    while (snapshots.newestIndex < index) {
      if (snapshots.isStopped) throw new UnavailableError('the member stops', 'none');
      if (snapshots.isInstalling) {
        await snapshots.installingEnded();
        continue;
      }
      if (!snapshots.isTaking) applier.takeSnapshot();
      await snapshots.takingEnded();
    }
    const reader = this.#options.storage.openSnapshot();
    assert(reader !== undefined, 'a snapshot that was taken is in storage');
    return reader;
  }

  /** The first line comes at once, so that a client knows soon that this member serves it. */
  async *#bytes(
    snapshot: Promise<SnapshotReader>,
    takenAt: number,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const writer = new BackupWriter();
    yield writer.begin();
    const reader = await snapshot;
    const { storage, name, version } = this.#options;
    const { clusterId, memberId } = storage.start.identity;
    const { lastIncludedIndex: index, lastIncludedTerm: term } = reader.metadata;
    yield writer.head({ clusterId, memberId, memberName: name, version, takenAt, index, term });
    const chunks = this.#parts.snapshots.readOrFail(reader.chunks());
    for await (const data of chunks) yield writer.chunk(data);
    const { raft, stateMachine } = this.#parts;
    yield writer.end(Math.max(stateMachine.etcdIndex, raft.softState().commitIndex));
  }
}
