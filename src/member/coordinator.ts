import type { AuthCommand } from '../command/auth.js';
import type { Command } from '../command/command.js';
import type { CommandResult } from '../command/command-result.js';
import type { Identity } from '../command/identity.js';
import type { KeyCommand } from '../command/keys.js';
import type { LockCommand } from '../command/locks.js';
import type { MemberId } from '../ids.js';
import type { PeerProgress } from '../raft/options.js';
import type { Result } from '../result.js';
import type { ConfiguredMember } from '../view/configured-member.js';
import type { MemberStatus } from '../view/member-status.js';
import type { MembersChange, MembersRefusal } from '../view/members-change.js';
import type { PeerContact } from '../view/peer-contact.js';
import type { RaftStatus } from '../view/raft-status.js';
import type { StateView } from '../view/state-view.js';
import type { Clock } from './clock.js';
import type { Measurements } from './measurements.js';

/** The API that HTTP and the lock module use of the member that they run in. */
export interface Coordinator {
  readonly clock: Clock;

  /** This member's applied state. It changes only between turns of the event loop. */
  readonly state: StateView;

  /**
   * Replicates a command and resolves with its result once this member has applied it. Finds the
   * leader, waits for one, and asks again through leader changes; the effect happens once at most.
   * @throws {UnavailableError} when its time passes first, too much waits here already, it is
   *   certain that nobody can confirm it soon, or the member stops.
   */
  propose(command: ClientCommand, timeoutMs: number, options?: ProposeOptions): Promise<Applied>;

  /**
   * Resolves when `state` holds everything that was acknowledged anywhere before the call.
   * @throws {UnavailableError} when `timeoutMs` pass first, or the member stops.
   */
  readBarrier(timeoutMs: number): Promise<void>;

  /** How each command and read would fail now, while it is certain that nobody can confirm one. */
  quorumLoss(): UnavailableError | undefined;

  /**
   * The bytes of a backup: the whole state, with everything that was acknowledged anywhere before
   * the call. It may be read slowly, and has to be read to its end or returned.
   * @param takenAt by the wall clock, in ms since 1970.
   * @throws {UnavailableError} as {@link readBarrier}.
   */
  backup(takenAt: number, timeoutMs: number): Promise<AsyncGenerator<Uint8Array, void, undefined>>;

  status(): RaftStatus;

  /**
   * Has the leader hand over to a voter, by default to the most up-to-date one, and resolves with
   * the new leader.
   */
  transferLeadership(to: MemberId | undefined): Promise<Result<MemberId, TransferRefusal>>;

  /** As they are known to be committed. */
  members(): readonly ConfiguredMember[];

  /** Has the leader change the members, and resolves when that is committed. */
  changeMembers(
    change: MembersChange,
    timeoutMs: number,
  ): Promise<Result<undefined, MembersRefusal>>;

  /** The progress of every other member; empty unless this one leads. */
  peers(): readonly PeerProgress[];

  measurements(): Measurements;

  /** This member's status, as its peers receive it. */
  memberStatus(): MemberStatus;

  /** How each of the other members answers this one. */
  contacts(): ReadonlyMap<MemberId, PeerContact>;
}

/**
 * - `noLeader`: nobody leads, as far as this member knows.
 * - `leadsAlready`: the member that should lead does.
 * - `noTarget`: the leader has nobody to hand over to, or not that one.
 * - `notTaken`: the leader was asked, and still leads, or another one than was asked for does.
 */
export type TransferRefusal = 'noLeader' | 'leadsAlready' | 'noTarget' | 'notTaken';

/** The commands that clients ask for. */
export type ClientCommand = KeyCommand | LockCommand | AuthCommand;

export interface ProposeOptions {
  /** The user whose client asks; undefined for a guest. */
  readonly identity?: Identity | undefined;
  /** How long it waits for a leader that can be handed it. Not given: `timeoutMs`. */
  readonly unsentTimeoutMs?: number;
  /**
   * Told, perhaps again and again, while it is certain that nobody can confirm the command soon. It
   * stays pending if a leader was handed it and its time has no end.
   */
  readonly onQuorumLoss?: () => void;
}

export interface Applied {
  readonly result: CommandResult;
  /** `sequence` of this command's origin: an acquire's name for itself when it leaves. */
  readonly sequence: number;
}

/**
 * No leader accepted the command in time, or this member did not. `outcome` tells whether it may
 * still take effect:
 * - `none`: it was never handed to a leader.
 * - `unknown`: it was, and the answer is missing.
 */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
  readonly outcome: 'none' | 'unknown';

  constructor(message: string, outcome: 'none' | 'unknown', options?: ErrorOptions) {
    super(message, options);
    this.outcome = outcome;
  }
}

/** The commands that only a member itself proposes, not its clients. */
export type OwnCommand = Exclude<Command, ClientCommand>;
