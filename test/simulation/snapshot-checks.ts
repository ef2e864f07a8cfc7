import type { Command } from '../../src/command/command.js';
import type { Write } from '../../src/raft/ready.js';
import { StateMachine } from '../../src/store/state-machine.js';
import { readBackup } from '../backup/samples.js';
import type { MemoryDisk, MemorySnapshot } from '../support/memory-disk.js';
import { durableEntry } from './raft-checks.js';
import type { Replica } from './replica.js';
import type { SimulatedMember } from './simulated-member.js';
import { newer } from './upgrade.js';
import { demand } from './violation.js';

/**
 * Reading a snapshot costs as much as the state is large, so of those that nobody restores not all
 * are read.
 */
const readEvery = 32;
/** Snapshots that are begun so many entries after a large directory went are all read. */
const sweptWithin = 16;

/** A snapshot is what the log comes to, as it lies on a disk and after a restore. */
export class SnapshotChecks {
  readonly #replica: Replica;
  readonly #known = new Map<MemoryDisk, MemorySnapshot>();
  #removedAt = Number.NEGATIVE_INFINITY;
  #written = 0;
  /** States that were compared. */
  compared = 0;

  constructor(replica: Replica) {
    this.#replica = replica;
  }

  onApplied(index: number, command: Command): void {
    if (command.type === 'delete' && command.recursive) this.#removedAt = index;
  }

  /** Reads what lies on a disk since the last event, or some of it. */
  afterEvent(members: readonly SimulatedMember[]): void {
    for (const member of members) {
      const { disk } = member;
      if (disk.snapshot === undefined || disk.snapshot === this.#known.get(disk)) continue;
      this.#known.set(disk, disk.snapshot);
      this.#written += 1;
      const sinceRemoval = disk.snapshot.metadata.lastIncludedIndex - this.#removedAt;
      const isSwept = sinceRemoval >= 0 && sinceRemoval < sweptWithin;
      if (isSwept || this.#written % readEvery === 0) this.#read(member, disk.snapshot);
    }
  }

  /** A snapshot takes the place of a log only where that has something else, or ends before. */
  onWrite({ name, disk }: SimulatedMember, { snapshot }: Write): void {
    if (snapshot === undefined) return;
    const { lastIncludedIndex, lastIncludedTerm } = snapshot;
    const isKnown = durableEntry(disk, lastIncludedIndex)?.term === lastIncludedTerm;
    demand(
      !isKnown,
      `${name} gives up a log that has the snapshot's last entry, ${lastIncludedIndex}`,
    );
  }

  onRestored({ name, running }: SimulatedMember): void {
    if (running === undefined || running.stateMachine.appliedIndex === 0) return;
    this.#compare(running.stateMachine, `${name} has restored`);
  }

  /** It is whole, and has all that somebody had been told of before it was asked for. */
  onBackup(name: string, file: Buffer, toldIndex: number): void {
    const { head, end, chunks } = readBackup(file);
    const state = stateIn(chunks);
    demand(state.appliedIndex === head.index, `${name} gives away a backup of another index`);
    const { etcdIndex } = state;
    demand(etcdIndex >= toldIndex, `${name} backs up ${etcdIndex}, and told of ${toldIndex}`);
    demand(end.highestIndex >= etcdIndex, `${name} backs up an index beyond the highest`);
    this.#compare(state, `${name} backs up`);
  }

  #read({ name }: SimulatedMember, { chunks }: MemorySnapshot): void {
    this.#compare(stateIn(chunks), `${name} has on its disk`);
  }

  #compare(state: StateMachine, label: string): void {
    const expected = this.#replica.hashAt(state.appliedIndex);
    if (expected === undefined) return;
    this.compared += 1;
    const isSame = state.stateHash() === expected;
    demand(isSame, `${label} another state at ${state.appliedIndex} than the log comes to`);
  }
}

function stateIn(chunks: Iterable<Uint8Array>): StateMachine {
  const state = new StateMachine({ formats: newer });
  const restorer = state.restorer(0);
  for (const chunk of chunks) restorer.push(chunk);
  restorer.finish();
  restorer.install();
  return state;
}
