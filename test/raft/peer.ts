import assert from 'node:assert/strict';
import { type LogIndex, logIndex, type MemberId, memberId, term } from '../../src/ids.js';
import type { Configuration, Entry, HardState, SnapshotMetadata } from '../../src/raft/entry.js';
import type { Message } from '../../src/raft/messages.js';
import type { RaftOptions } from '../../src/raft/options.js';
import { Raft } from '../../src/raft/raft.js';
import type { ReadState, Write } from '../../src/raft/ready.js';

/** 'a' stands for 000000000000000a, and so on up to 'f'. */
export function id(name: string): MemberId {
  return memberId(name.padStart(16, '0'));
}

export function nameOf(member: MemberId): string {
  return member.replace(/^0+/, '');
}

export function configurationOf(
  voters: readonly string[],
  learners: readonly string[],
): Configuration {
  return { voters: voters.map(id), learners: learners.map(id) };
}

export type Tuning = Partial<Omit<RaftOptions, 'id'>>;

/** Members always draw the shortest timeout, so that a script decides who campaigns. */
const defaults = {
  configuration: configurationOf(['a', 'b', 'c'], []),
  hardState: { currentTerm: term(0), votedFor: undefined, commitIndex: logIndex(0) },
  snapshot: undefined,
  entries: [],
  lastApplied: logIndex(0),
  electionTimeoutTicks: 10,
  heartbeatIntervalTicks: 3,
  random: () => 0,
  appendBytesMax: 1_000_000,
  inflightMax: 16,
  inflightBytesMin: 1_000_000,
  inflightBytesMax: 1_000_000,
  uncommittedBytesMax: 1_000_000,
  committedBytesMax: 1_000_000,
} satisfies Omit<RaftOptions, 'id'>;

export function optionsFor(name: string, tuning: Tuning): RaftOptions {
  return { ...defaults, ...tuning, id: id(name) };
}

/** What a disk holds after its last finished write. */
export interface Disk {
  readonly hardState: HardState;
  readonly snapshot: SnapshotMetadata | undefined;
  readonly entries: readonly Entry[];
}

export function afterWrite(disk: Disk, write: Write): Disk {
  const base = write.snapshot === undefined ? disk.entries : [];
  const first = write.entries[0]?.index ?? Number.POSITIVE_INFINITY;
  return {
    hardState: write.hardState,
    snapshot: write.snapshot ?? disk.snapshot,
    entries: [...base.filter((entry) => entry.index < first), ...write.entries],
  };
}

/**
 * One core with a disk and a state machine that only remembers what it was given. The disk ends a
 * write at once, unless it is `slow`.
 */
export class Peer {
  readonly name: string;
  readonly options: RaftOptions;
  raft: Raft;
  disk: Disk;
  writeInProgress: Write | undefined;
  slow = false;
  /** Since the last restart, or the last restored snapshot. */
  applied: Entry[] = [];
  appliedIndex: LogIndex;
  readStates: ReadState[] = [];
  /** Told of each write when it begins, and after each round of the core's wishes. */
  onWrite: (write: Write) => void = () => {};
  onPumped: () => void = () => {};

  constructor(name: string, tuning: Tuning) {
    this.name = name;
    this.options = optionsFor(name, tuning);
    this.raft = new Raft(this.options);
    const { hardState, snapshot, entries } = this.options;
    this.disk = { hardState, snapshot, entries };
    this.appliedIndex = this.options.lastApplied;
  }

  /** Does what the core wants done, and returns what it wants sent. */
  pump(): readonly Message[] {
    const messages: Message[] = [];
    while (this.raft.hasReady()) {
      const ready = this.raft.ready();
      messages.push(...ready.messages);
      for (const entry of ready.committedEntries) this.#apply(entry);
      this.readStates.push(...ready.readStates);
      if (ready.write !== undefined) {
        assert.equal(this.writeInProgress, undefined, 'one write at a time');
        this.writeInProgress = ready.write;
        this.onWrite(ready.write);
      }
      if (!this.slow) this.finishWrite();
      this.onPumped();
    }
    return messages;
  }

  /** The write in progress becomes durable. */
  finishWrite(): void {
    const write = this.writeInProgress;
    if (write === undefined) return;
    this.writeInProgress = undefined;
    this.disk = afterWrite(this.disk, write);
    this.raft.persisted(write.sequence);
    if (write.snapshot !== undefined && write.snapshot.lastIncludedIndex > this.appliedIndex) {
      this.appliedIndex = write.snapshot.lastIncludedIndex;
      this.applied = [];
    }
  }

  /** The process ends and starts again: what was not durable is gone, memory too. */
  restart(): void {
    const lastApplied = this.disk.snapshot?.lastIncludedIndex ?? logIndex(0);
    this.raft = new Raft({ ...this.options, ...this.disk, lastApplied });
    this.writeInProgress = undefined;
    this.applied = [];
    this.appliedIndex = lastApplied;
    this.readStates = [];
  }

  /** Takes a snapshot of what is applied, and keeps `trailing` entries before its end. */
  compact(trailing: number): void {
    const snapshot = this.raft.snapshotMetadataAt(this.appliedIndex);
    const keepFrom = logIndex(Math.max(1, this.appliedIndex + 1 - trailing));
    this.raft.compact(snapshot, keepFrom);
    const entries = this.disk.entries.filter((entry) => entry.index >= keepFrom);
    this.disk = { ...this.disk, snapshot, entries };
  }

  #apply(entry: Entry): void {
    assert.equal(entry.index, this.appliedIndex + 1, 'applied in order, without a gap');
    const stored = this.disk.entries.find((kept) => kept.index === entry.index);
    assert.equal(stored?.term, entry.term, 'only what is durable here is applied');
    this.applied.push(entry);
    this.appliedIndex = entry.index;
  }
}
