import type { LogIndex, MemberId } from '../../src/ids.js';
import type { Message } from '../../src/raft/messages.js';
import { durableEntry, lastDurableIndex } from './raft-checks.js';
import type { SimulatedMember } from './simulated-member.js';
import { demand } from './violation.js';

interface Acknowledged {
  readonly term: number;
  readonly index: number;
}

/** What a member takes for durable is on its disk, and what it has acknowledged stays there. */
export class DiskChecks {
  /** The newest of each member; it told that to the leader of that term. */
  readonly #acknowledged = new Map<MemberId, Acknowledged>();

  /**
   * An acknowledgement speaks of the entries that the leader of its term has sent, and of no
   * others.
   */
  onSend(member: SimulatedMember, message: Message): void {
    const isAnswer =
      message.type === 'InstallSnapshotResponse' ||
      (message.type === 'AppendEntriesResponse' && message.success);
    if (!isAnswer) return;
    const { term, matchIndex } = message;
    const known = this.#acknowledged.get(member.id);
    if (known === undefined || known.term < term || known.index < matchIndex) {
      this.#acknowledged.set(member.id, { term, index: matchIndex });
    }
    if (member.running?.raft.softState().currentTerm === term) {
      this.#checkOnDisk(member, matchIndex, 'acknowledged');
    }
  }

  afterEvent(members: readonly SimulatedMember[]): void {
    for (const member of members) {
      const raft = member.running?.raft;
      if (raft !== undefined) this.#checkOnDisk(member, raft.stableIndex, 'counts on');
      this.#checkKept(member);
    }
  }

  #checkOnDisk(member: SimulatedMember, index: LogIndex, what: string): void {
    const own = member.running?.raft.termAt(index);
    const durable = durableEntry(member.disk, index);
    if (durable === undefined || typeof own !== 'number') return;
    demand(
      durable.term === own,
      `${member.name} ${what} ${index} of term ${own}, but its disk has term ${durable.term} there`,
    );
  }

  /** A leader never takes back what it has sent, so nothing of it goes while its term lasts. */
  #checkKept({ id, name, disk }: SimulatedMember): void {
    const acknowledged = this.#acknowledged.get(id);
    if (acknowledged === undefined || acknowledged.term !== disk.hardState.currentTerm) return;
    const last = lastDurableIndex(disk);
    demand(
      last >= acknowledged.index,
      `${name} has acknowledged ${acknowledged.index} in term ${acknowledged.term}, but its disk ends at ${last}`,
    );
  }
}
