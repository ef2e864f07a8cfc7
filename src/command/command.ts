import type { MemberId, Term } from '../ids.js';

/** What is replicated. Applied in log order, each is one atomic step of the state machine. */
export type Command = KeyCommand | LockCommand | MemberCommand | TimeCommand;

export type KeyCommand =
  | SetCommand
  | CreateCommand
  | UpdateCommand
  | CompareAndSwapCommand
  | DeleteCommand
  | CompareAndDeleteCommand
  | CreateInOrderCommand;

export type LockCommand = AcquireCommand | RenewCommand | ReleaseCommand | LeaveCommand;

/** Said by a member about itself; see `Origin` for who. */
export type MemberCommand = RegisterCommand | AttendCommand;

/** Proposed by the leader alone, and void in any other term than the one they were proposed in. */
export type TimeCommand = ExpireKeyCommand | ExpireWaiterCommand | ClockCommand;

/** `path` is absolute and clean: "/" or "/a/b". */
interface OnKey {
  readonly path: string;
  /** Each must hold, or nothing happens. They are looked at before anything else is. */
  readonly fences: readonly Fence[];
}

/** `ttlMs` undefined means permanent. */
interface KeyWrite extends OnKey {
  readonly ttlMs: number | undefined;
}

/** `refresh` keeps the value of a key that must exist, and tells no watcher. */
export interface SetCommand extends KeyWrite {
  readonly type: 'set';
  readonly value: string;
  readonly dir: boolean;
  readonly refresh: boolean;
}

export interface CreateCommand extends KeyWrite {
  readonly type: 'create';
  readonly value: string;
  readonly dir: boolean;
}

/** `refresh` keeps the value and tells no watcher. */
export interface UpdateCommand extends KeyWrite {
  readonly type: 'update';
  readonly value: string;
  readonly refresh: boolean;
}

/** An undefined condition always holds. At least one is defined. */
export interface CompareAndSwapCommand extends KeyWrite {
  readonly type: 'compareAndSwap';
  readonly value: string;
  readonly prevValue: string | undefined;
  readonly prevIndex: number | undefined;
  readonly refresh: boolean;
}

export interface DeleteCommand extends OnKey {
  readonly type: 'delete';
  readonly dir: boolean;
  readonly recursive: boolean;
}

export interface CompareAndDeleteCommand extends OnKey {
  readonly type: 'compareAndDelete';
  readonly prevValue: string | undefined;
  readonly prevIndex: number | undefined;
}

/** Creates a 20-digit key, named by its index, in the directory `path`. */
export interface CreateInOrderCommand extends KeyWrite {
  readonly type: 'createInOrder';
  readonly value: string;
  readonly dir: boolean;
}

/** Locks and elections are alike, and apart: each has its own names. */
export type LockSpace = 'lock' | 'leader';

interface OnLock {
  readonly space: LockSpace;
  /** Clean, without slashes at its ends; may hold some inside. */
  readonly name: string;
}

/** A condition of a write: that place holds where the write stands in the log. */
export interface Fence extends OnLock {
  /** Of the place: the fencing token that its client was given. */
  readonly index: number;
}

/** Shared places that stand one behind the other hold together; an exclusive one holds by itself. */
export type HoldMode = 'exclusive' | 'shared';

/**
 * Takes a place at the end of the queue, or joins the place that has the same non-empty value.
 * Joining a holder renews its TTL, and decides how long it stays. With `tryOnly` no place is taken
 * unless it holds at once.
 */
export interface AcquireCommand extends OnLock {
  readonly type: 'acquire';
  readonly value: string;
  readonly ttlMs: number;
  readonly tryOnly: boolean;
  /** Must be the mode of the place that it joins. */
  readonly mode: HoldMode;
  /** So many exclusive places hold together. Must be that of the lock while it has places. */
  readonly limit: number;
  /** The place is given up when the request leaves, even after it was told that it holds. */
  readonly holdsConnection: boolean;
}

/** Names a place by its index, its value, or both (then both must fit). */
interface OnPlace extends OnLock {
  readonly index: number | undefined;
  readonly value: string | undefined;
}

export interface RenewCommand extends OnPlace {
  readonly type: 'renew';
  readonly ttlMs: number;
}

/** Gives the lock up, or leaves the queue, for all who wait on the place. */
export interface ReleaseCommand extends OnPlace {
  readonly type: 'release';
}

/**
 * One waiting request leaves. The place goes when nobody else waits on it; a place that holds
 * already goes only if `keepIfHolder` is false and this request alone asked for it.
 */
export interface LeaveCommand extends OnLock {
  readonly type: 'leave';
  readonly index: number;
  /** `Origin.sequence` of the acquire that leaves; its member and boot are the leave's own. */
  readonly acquireSequence: number;
  readonly keepIfHolder: boolean;
}

/**
 * A member introduces itself after each start. Refused if the member is known under another
 * incarnation: its disk was replaced. What waited through an earlier boot leaves all queues.
 */
export interface RegisterCommand {
  readonly type: 'register';
  readonly incarnation: string;
  readonly name: string;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
  readonly version: string;
}

/** A member still holds the connections of those who wait through it. */
export interface AttendCommand {
  readonly type: 'attend';
}

/** The key, or the holder's place, at `path` has outlived its TTL. */
export interface ExpireKeyCommand {
  readonly type: 'expireKey';
  readonly path: string;
  /** Must still be the node's `renewal`, or a renewal was ordered first. */
  readonly renewal: number;
  /** Must be the term of the entry that carries this command. */
  readonly term: Term;
}

/** Every member that kept the waiting place alive has been silent for its TTL. */
export interface ExpireWaiterCommand extends OnLock {
  readonly type: 'expireWaiter';
  readonly index: number;
  /** Must still be the newest renewal of each session that waits on the place. */
  readonly sessions: readonly { readonly memberId: MemberId; readonly renewal: number }[];
  readonly term: Term;
}

/** Carries nothing but the stamp of its envelope: time goes on though nobody writes. */
export interface ClockCommand {
  readonly type: 'clock';
}
