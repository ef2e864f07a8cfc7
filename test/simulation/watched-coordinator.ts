import type { MemberId } from '../../src/ids.js';
import type { Clock } from '../../src/member/clock.js';
import type {
  Applied,
  ClientCommand,
  Coordinator,
  ProposeOptions,
  TransferRefusal,
  UnavailableError,
} from '../../src/member/coordinator.js';
import type { Measurements } from '../../src/member/measurements.js';
import type { Member } from '../../src/member/member.js';
import type { PeerProgress } from '../../src/raft/options.js';
import type { Result } from '../../src/result.js';
import type { ConfiguredMember } from '../../src/view/configured-member.js';
import type { MemberStatus } from '../../src/view/member-status.js';
import type { MembersChange, MembersRefusal } from '../../src/view/members-change.js';
import type { PeerContact } from '../../src/view/peer-contact.js';
import type { RaftStatus } from '../../src/view/raft-status.js';
import type { StateView } from '../../src/view/state-view.js';
import { demand } from './violation.js';

interface OpenCommand {
  readonly type: string;
  readonly since: number;
  /** How often a later command was answered first, and when that last counted. */
  overtaken: number;
  overtakenAt: number;
}

/** Each time counts only if the later command was asked this long after the time before. */
const overtakingMs = 1000;
/**
 * A command that is asked again twice a second is not overtaken so often, one time after the other.
 */
const overtakenMax = 8;

/**
 * One boot of a member, as its clients see it, with an eye on the commands that it owes an answer.
 */
export class WatchedCoordinator implements Coordinator {
  readonly #member: Member;
  readonly #now: () => number;
  readonly #onStuck: (error: unknown) => void;
  readonly #open = new Set<OpenCommand>();

  /** @param now in true time. @param onStuck told of a command that will never be answered. */
  constructor(member: Member, now: () => number, onStuck: (error: unknown) => void) {
    this.#member = member;
    this.#now = now;
    this.#onStuck = onStuck;
  }

  get clock(): Clock {
    return this.#member.clock;
  }

  get state(): StateView {
    return this.#member.state;
  }

  propose(command: ClientCommand, timeoutMs: number, options?: ProposeOptions): Promise<Applied> {
    const { type } = command;
    const opened: OpenCommand = { type, since: this.#now(), overtaken: 0, overtakenAt: 0 };
    this.#open.add(opened);
    const applied = this.#member.propose(command, timeoutMs, options);
    applied.then(
      () => this.#onAnswered(opened),
      () => this.#open.delete(opened),
    );
    return applied;
  }

  transferLeadership(to: MemberId | undefined): Promise<Result<MemberId, TransferRefusal>> {
    return this.#member.transferLeadership(to);
  }

  members(): readonly ConfiguredMember[] {
    return this.#member.members();
  }

  changeMembers(
    change: MembersChange,
    timeoutMs: number,
  ): Promise<Result<undefined, MembersRefusal>> {
    return this.#member.changeMembers(change, timeoutMs);
  }

  readBarrier(timeoutMs: number): Promise<void> {
    return this.#member.readBarrier(timeoutMs);
  }

  quorumLoss(): UnavailableError | undefined {
    return this.#member.quorumLoss();
  }

  backup(takenAt: number, timeoutMs: number): Promise<AsyncGenerator<Uint8Array, void, undefined>> {
    return this.#member.backup(takenAt, timeoutMs);
  }

  status(): RaftStatus {
    return this.#member.status();
  }

  peers(): readonly PeerProgress[] {
    return this.#member.peers();
  }

  measurements(): Measurements {
    return this.#member.measurements();
  }

  memberStatus(): MemberStatus {
    return this.#member.memberStatus();
  }

  contacts(): ReadonlyMap<MemberId, PeerContact> {
    return this.#member.contacts();
  }

  /** Throws when a command has waited that long, in a cluster where nothing is wrong. */
  demandAnswered(withinMs: number): void {
    for (const { type, since } of this.#open) {
      const waitedMs = this.#now() - since;
      demand(waitedMs < withinMs, `${type} has had no answer for ${waitedMs.toFixed(0)} ms`);
    }
  }

  #onAnswered(answered: OpenCommand): void {
    this.#open.delete(answered);
    for (const open of this.#open) {
      if (open.since >= answered.since) return;
      if (answered.since < Math.max(open.overtakenAt, open.since) + overtakingMs) continue;
      open.overtaken += 1;
      open.overtakenAt = this.#now();
      if (open.overtaken < overtakenMax) continue;
      const openMs = (this.#now() - open.since).toFixed(0);
      this.#onStuck(
        new Error(`${open.type} has no answer for ${openMs} ms, while later ones are answered`),
      );
    }
  }
}
