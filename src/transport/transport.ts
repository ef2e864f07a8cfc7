import type { FormatRange } from '../encoding/format-range.js';
import type { LogIndex, MemberId, Term } from '../ids.js';
import type { InstallSnapshotRequest, Message } from '../raft/messages.js';
import type { ConfiguredMember } from '../view/configured-member.js';
import type { MemberStatus } from '../view/member-status.js';
import type { MembersChange, MembersRefusal } from '../view/members-change.js';
import type { PeerContact, PeerRefusal } from '../view/peer-contact.js';
import type { PeerTraffic } from '../view/peer-traffic.js';

/**
 * Sends messages to the peers. No call waits for a peer, and every queue is bounded: a message that
 * does not fit is dropped, and Raft or the caller's retry repairs the loss.
 */
export interface Transport {
  /**
   * Binds the peer port and begins to connect to every peer. Handlers are called only after this.
   */
  start(handler: TransportHandler): Promise<void>;

  /**
   * Queues messages to one peer, in order. Messages of one call travel in as few frames as
   * possible.
   */
  send(to: MemberId, messages: readonly Message[]): void;

  /**
   * Queues requests to one peer. Answers come through `handler.onForwardResponses`, in any order,
   * perhaps never (the caller keeps its own deadline and may safely send again).
   */
  forward(to: MemberId, requests: readonly ForwardRequest[]): void;

  /** Answers requests that `handler.onForwardRequests` brought. */
  respond(to: MemberId, responses: readonly ForwardResponse[]): void;

  /**
   * Streams a snapshot with flow control. Resolves when the peer has it whole, rejects otherwise.
   * There is one at a time to each peer: a newer one takes the place of the older, which rejects.
   */
  sendSnapshot(request: InstallSnapshotRequest, chunks: AsyncIterable<Uint8Array>): Promise<void>;

  /** How each peer answers, for display. */
  contacts(): ReadonlyMap<MemberId, PeerContact>;

  /** What has passed to and from each peer, for display. */
  traffic(): ReadonlyMap<MemberId, PeerTraffic>;

  /** Idempotent. */
  close(): Promise<void>;
}

export interface TransportHandler {
  /**
   * Why the peer is refused, as in {@link PeerRefusal}; undefined when it is accepted. Asked at
   * both ends, of members of this cluster only.
   */
  peerRefusal(hello: Hello): string | undefined;
  /** Whether that is because the peer was removed from the cluster. */
  isRemoved(peer: MemberId): boolean;
  /** For a member that joins. */
  members(): readonly ConfiguredMember[];
  /** This member's status, for the answer to a ping. */
  memberStatus(): MemberStatus;
  onMessages(from: MemberId, messages: readonly Message[]): void;
  onForwardRequests(from: MemberId, requests: readonly ForwardRequest[]): void;
  onForwardResponses(from: MemberId, responses: readonly ForwardResponse[]): void;
  /**
   * Consumes every chunk; resolves when they are durable and make a whole snapshot. A rejection is
   * told to the sender and ends the transfer, also one that waits for its next chunk.
   */
  onSnapshot(request: InstallSnapshotRequest, chunks: AsyncIterable<Uint8Array>): Promise<void>;
  /**
   * A connection to the peer was refused, or ended without being closed here: evidence that its
   * process is gone. Called once per loss, not once per attempt to connect again.
   */
  onPeerLost(peer: MemberId): void;
  onPeerConnected(peer: MemberId): void;
  /**
   * A peer refused us, or we it, for good (identity, incarnation, version). Told once for each
   * reason. A peer that we refuse may be anybody.
   */
  onRefused(peer: MemberId, refusal: PeerRefusal): void;
}

/** What a follower asks of the leader. */
export type ForwardRequest =
  | ForwardedProposal
  | ForwardedReadIndex
  | ForwardedTransfer
  | ForwardedMembersChange;

/**
 * Identifies one request. Its answer repeats the tag, since the network may delay answers without
 * limit.
 */
export interface ForwardTag {
  /** Counts the sender's proposals, or its reads, from 1 in each boot. */
  readonly id: number;
  /** The sender's boot. */
  readonly boot: number;
  /** The term in which the receiver leads, as the sender knows it. */
  readonly term: Term;
}

/** `command` is an encoded command with its origin, ready to be put in an entry. */
export interface ForwardedProposal extends ForwardTag {
  readonly type: 'propose';
  readonly command: Uint8Array;
}

export interface ForwardedReadIndex extends ForwardTag {
  readonly type: 'readIndex';
}

/** It has no answer: whoever asked sees another leader, or none in time. */
export interface ForwardedTransfer extends ForwardTag {
  readonly type: 'transferLeadership';
  /** Undefined: to the most up-to-date voter. */
  readonly to: MemberId | undefined;
}

/** Answered once it is committed, or refused. */
export interface ForwardedMembersChange extends ForwardTag {
  readonly type: 'changeMembers';
  readonly change: MembersChange;
}

/**
 * - `accepted`: the proposal is in the leader's log; the origin sees its result when it applies it.
 * - `readIndex`: serve the read once `lastApplied >= readIndex`.
 * - `notLeader`: nothing was done; ask whoever leads now.
 * - `busy`: nothing was done; the leader has as much uncommitted as it allows.
 */
export type ForwardResponse = ProposalResponse | ReadIndexResponse | MembersChangeResponse;

export interface ProposalResponse extends ForwardTag {
  readonly type: 'accepted' | 'notLeader' | 'busy';
}

export interface MembersChangeResponse extends ForwardTag {
  readonly type: 'membersChanged';
  /** Undefined when it is done. */
  readonly refusal: MembersRefusal | undefined;
}

export interface ReadIndexResponse extends ForwardTag {
  readonly type: 'readIndex';
  readonly readIndex: LogIndex;
}

/** The identity of one end of a connection. Both ends verify the other's first. */
export interface Hello {
  /** The format versions that it understands. */
  readonly formats: FormatRange;
  readonly clusterId: string;
  readonly memberId: MemberId;
  readonly incarnation: string;
  /** Where its own peers reach it, for one that does not know it yet. */
  readonly peerUrl?: string | undefined;
}
