import type { FormatRange } from '../encoding/format-range.js';
import type { Logger } from '../logger.js';
import type { Configuration, Entry } from '../raft/entry.js';
import { type Storage, snapshotChunkBytesMax } from '../storage/storage.js';
import type { StateMachineOptions } from '../store/options.js';
import type { Outcome } from '../store/state-machine.js';
import type { Transport } from '../transport/transport.js';
import type { MemberEventContent } from '../view/member-event.js';
import type { Clock } from './clock.js';

/**
 * Everything that a member depends on: `server.ts` passes the real parts, the simulator its own.
 */
export interface MemberOptions {
  readonly name: string;
  /**
   * In use until the log or a snapshot says otherwise. A member that joins knows of nobody, and
   * learns of the members by the log.
   */
  readonly initialConfiguration: Configuration;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
  readonly version: string;
  /** The format versions that this release understands. */
  readonly formats: FormatRange;
  readonly storage: Storage;
  readonly transport: Transport;
  readonly clock: Clock;
  /** Size of the data directory; undefined while it is not known. */
  readonly diskBytes: () => number | undefined;
  /** Calls back once, after all input that has arrived by now was read. */
  readonly defer: (turn: () => void) => void;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly logger: Logger;
  readonly limits: MemberLimits;
  /** Most must be the same on all members, so only a test sets them. */
  readonly stateMachine?: Partial<StateMachineOptions>;
  /** The member has failed, and acknowledges nothing after it. The owner ends the process. */
  readonly onFatal: (error: Error) => void;
  /** Told of what people should see of this member; see the type. */
  readonly onEvent?: (event: MemberEventContent) => void;
  /**
   * Told of the members that are to be connected, before the transport starts and whenever they
   * change. Not told while this member knows of none.
   */
  readonly onMembers?: (configuration: Configuration) => void;
  /** This member was removed from the cluster, and that is final. The owner ends the process. */
  readonly onRemoved?: () => void;
  /** Told of each entry right after it was applied. */
  readonly onApplied?: (entry: Entry, outcome: Outcome | undefined) => void;
}

export interface MemberLimits {
  readonly tickMs: number;
  readonly heartbeatIntervalMs: number;
  readonly electionTimeoutMs: number;
  /** Entries applied since the last snapshot before the next is taken, at least. */
  readonly snapshotCount: number;
  /** Entry bytes applied since the last snapshot before the next is taken, at most. */
  readonly snapshotLogBytesMax: number;
  /**
   * Bytes of a snapshot that are written, and later read and sent, in one step; see the storage's
   * limit.
   */
  readonly snapshotChunkBytes: number;
  /** Entries kept behind a snapshot for followers that lag a little. */
  readonly trailingEntries: number;
  /** The most bytes of those entries together. */
  readonly trailingBytesMax: number;
  /**
   * Entries kept behind a snapshot while a live follower lacks them, and is sent them or a
   * snapshot.
   */
  readonly catchUpEntriesMax: number;
  /**
   * The most bytes of those entries together; they are also limited to the size of a few snapshots.
   */
  readonly catchUpBytesMax: number;
  /** Commands of this member that await their result; one more is refused. */
  readonly pendingProposalsMax: number;
  /**
   * The most bytes of those commands, together with what this member's log holds uncommitted; a
   * single one is accepted whatever its size.
   */
  readonly pendingBytesMax: number;
  /** They may have this many bytes however much is uncommitted, so that small ones are served. */
  readonly pendingBytesMin: number;
  readonly appendBytesMax: number;
  readonly inflightMax: number;
  readonly inflightBytesMin: number;
  readonly inflightBytesMax: number;
  readonly uncommittedBytesMax: number;
  readonly committedBytesMax: number;
}

export const defaultLimits: MemberLimits = {
  tickMs: 20,
  heartbeatIntervalMs: 100,
  electionTimeoutMs: 1000,
  snapshotCount: 10_000,
  snapshotLogBytesMax: 64 * 1024 * 1024,
  snapshotChunkBytes: snapshotChunkBytesMax,
  trailingEntries: 5000,
  trailingBytesMax: 16 * 1024 * 1024,
  catchUpEntriesMax: 250_000,
  catchUpBytesMax: 256 * 1024 * 1024,
  pendingProposalsMax: 16_384,
  pendingBytesMax: 64 * 1024 * 1024,
  pendingBytesMin: 4 * 1024 * 1024,
  appendBytesMax: 128 * 1024,
  inflightMax: 128,
  inflightBytesMin: 128 * 1024,
  inflightBytesMax: 16 * 1024 * 1024,
  uncommittedBytesMax: 16 * 1024 * 1024,
  committedBytesMax: 4 * 1024 * 1024,
};
