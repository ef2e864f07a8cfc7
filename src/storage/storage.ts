import type { LogIndex, MemberId } from '../ids.js';
import type { Entry, HardState, SnapshotMetadata } from '../raft/entry.js';
import type { Write } from '../raft/ready.js';

/**
 * The log on disk: one member's log, hard state and snapshots. Every promise resolves only when the
 * bytes are durable, unless its method says otherwise. Any `StorageError` but a refused start is
 * final: the member stops at once, and never acknowledges anything after it.
 */
export interface Storage {
  /**
   * The verified content of the data directory. Its entries must be taken before the first
   * compaction.
   */
  readonly start: StartState;

  /** One atomic, synced step. Called again only after the promise has settled. */
  write(write: Write): Promise<void>;

  /**
   * Begins a snapshot that was taken here or is received. It is not part of the state
   * until `finish` has resolved, and an unfinished one is discarded at the next start.
   */
  createSnapshot(metadata: SnapshotMetadata): SnapshotWriter;

  /**
   * The newest finished snapshot; undefined when there is none. It stays readable while a newer one
   * replaces it.
   */
  openSnapshot(): SnapshotReader | undefined;

  /**
   * Forgets entries up to and including `index`, which a finished snapshot covers, and older
   * snapshots.
   */
  compact(index: LogIndex): Promise<void>;

  /** Idempotent. Waits for the write in progress. */
  close(): Promise<void>;
}

export interface StartState {
  readonly hardState: HardState;
  readonly snapshot: SnapshotMetadata | undefined;
  /** Contiguous, from the first entry that is kept (at or before `lastIncludedIndex + 1`). */
  readonly entries: readonly Entry[];
  readonly identity: Identity;
  /** Counts the starts of this data directory, from 1. Durable before it is handed out. */
  readonly boot: number;
}

/** The member that a data directory belongs to. A replaced directory has another `incarnation`. */
export interface Identity {
  /** 16 hexadecimal digits. */
  readonly clusterId: string;
  readonly memberId: MemberId;
  /** 32 random hexadecimal digits, made together with the data directory. */
  readonly incarnation: string;
  /** As they were when the directory was made, to explain a mismatch; nothing depends on them. */
  readonly names: MemberNames | undefined;
}

export interface MemberNames {
  readonly own: string;
  /** Of all members of the cluster, this one included. */
  readonly all: readonly string[];
}

export interface SnapshotWriter {
  /**
   * Resolves when the next chunk may come. Chunks are at most {@link snapshotChunkBytesMax} long.
   */
  append(chunk: Uint8Array): Promise<void>;
  /**
   * Makes the snapshot durable, and the newest one. Resolves with false, and discards it, when a
   * newer one has come meanwhile.
   */
  finish(): Promise<boolean>;
  /** Discards the appended chunks. Idempotent, and harmless after `finish`. */
  abort(): Promise<void>;
}

export interface SnapshotReader {
  readonly metadata: SnapshotMetadata;
  /** The length of all chunks together. */
  readonly totalBytes: number;
  /**
   * Verified chunks in order, once. The snapshot is kept until they are read, or the reader is
   * forgotten.
   */
  chunks(): AsyncIterable<Uint8Array>;
}

export const snapshotChunkBytesMax = 256 * 1024;
