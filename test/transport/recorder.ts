import type { MemberId } from '../../src/ids.js';
import type { InstallSnapshotRequest, Message } from '../../src/raft/messages.js';
import type {
  ForwardRequest,
  ForwardResponse,
  Hello,
  TransportHandler,
} from '../../src/transport/transport.js';
import type { ConfiguredMember } from '../../src/view/configured-member.js';
import type { MemberStatus } from '../../src/view/member-status.js';
import type { PeerRefusal } from '../../src/view/peer-contact.js';
import { sampleStatus } from './samples.js';

interface From<T> {
  readonly from: MemberId;
  readonly items: readonly T[];
}

type OnSnapshot = TransportHandler['onSnapshot'];

/** Remembers everything that a transport hands up. */
export class Recorder implements TransportHandler {
  readonly batches: From<Message>[] = [];
  readonly requests: From<ForwardRequest>[] = [];
  readonly responses: From<ForwardResponse>[] = [];
  readonly connected: MemberId[] = [];
  readonly lost: MemberId[] = [];
  readonly refused: (PeerRefusal & { readonly peer: MemberId })[] = [];
  onRequests: (from: MemberId, requests: readonly ForwardRequest[]) => void = () => {};
  consume: OnSnapshot = async (_request, chunks) => {
    for await (const _chunk of chunks) {
      // Only the arrival counts.
    }
  };

  refusalOf: TransportHandler['peerRefusal'] = () => undefined;

  peerRefusal(hello: Hello): string | undefined {
    return this.refusalOf(hello);
  }

  removed: MemberId | undefined;

  isRemoved(peer: MemberId): boolean {
    return this.removed === peer;
  }

  configured: readonly Omit<ConfiguredMember, 'isLearner'>[] = [];

  members(): readonly ConfiguredMember[] {
    return this.configured.map((member) => ({ ...member, isLearner: false }));
  }

  memberStatus(): MemberStatus {
    return sampleStatus;
  }

  get messages(): Message[] {
    return this.batches.flatMap(({ items }) => items);
  }

  onMessages(from: MemberId, items: readonly Message[]): void {
    this.batches.push({ from, items });
  }

  onForwardRequests(from: MemberId, items: readonly ForwardRequest[]): void {
    this.requests.push({ from, items });
    this.onRequests(from, items);
  }

  onForwardResponses(from: MemberId, items: readonly ForwardResponse[]): void {
    this.responses.push({ from, items });
  }

  async onSnapshot(
    request: InstallSnapshotRequest,
    chunks: AsyncIterable<Uint8Array>,
  ): Promise<void> {
    await this.consume(request, chunks);
  }

  onPeerLost(peer: MemberId): void {
    this.lost.push(peer);
  }

  onPeerConnected(peer: MemberId): void {
    this.connected.push(peer);
  }

  onRefused(peer: MemberId, refusal: PeerRefusal): void {
    this.refused.push({ peer, ...refusal });
  }
}
