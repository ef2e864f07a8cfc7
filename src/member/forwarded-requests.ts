import { originOf } from '../command/codec.js';
import type { Origin } from '../command/envelope.js';
import { MalformedError, NewerFormatError } from '../encoding/format-error.js';
import type { MemberId } from '../ids.js';
import type { Raft } from '../raft/raft.js';
import type { ReadState } from '../raft/ready.js';
import type { StateMachine } from '../store/state-machine.js';
import type {
  ForwardedProposal,
  ForwardedTransfer,
  ForwardRequest,
  ForwardResponse,
  ForwardTag,
  ProposalResponse,
} from '../transport/transport.js';
import { InFlightProposals } from './in-flight-proposals.js';
import type { Leadership } from './leadership.js';
import type { LeadershipTransfer } from './leadership-transfer.js';
import type { LogAppender } from './log-appender.js';
import type { ForwardedCounts } from './measurements.js';
import type { MembershipChanges } from './membership-changes.js';
import type { MemberOptions } from './options.js';
import type { ReadContexts } from './read-contexts.js';

interface PeerProposal {
  readonly request: ForwardedProposal;
  readonly origin: Origin;
}

interface PeerRead {
  readonly from: MemberId;
  readonly tag: ForwardTag;
}

/** The parts of the member that serving its peers needs. */
export interface ServingParts {
  readonly raft: Raft;
  readonly stateMachine: StateMachine;
  readonly leadership: Leadership;
  readonly appender: LogAppender;
  readonly readContexts: ReadContexts;
  readonly leadershipTransfer: LeadershipTransfer;
  readonly membershipChanges: MembershipChanges;
}

/** Serves, while this member leads, the proposals and reads that its peers forward. */
export class ForwardedRequests {
  readonly #options: Pick<MemberOptions, 'transport' | 'logger' | 'formats'>;
  readonly #parts: ServingParts;
  readonly #reads = new Map<number, PeerRead>();
  /** The proposals that peers have forwarded in this term, and that are not applied yet. */
  readonly #inFlight = new InFlightProposals();
  #commandsReceived = 0;
  #readsReceived = 0;

  constructor(
    options: Pick<MemberOptions, 'transport' | 'logger' | 'formats'>,
    parts: ServingParts,
  ) {
    this.#options = options;
    this.#parts = parts;
  }

  receivedCounts(): Pick<ForwardedCounts, 'commandsReceived' | 'readsReceived'> {
    return { commandsReceived: this.#commandsReceived, readsReceived: this.#readsReceived };
  }

  /** Serves the requests of a peer, which takes this member for the leader of the term in them. */
  serve(from: MemberId, requests: readonly ForwardRequest[]): void {
    const answers: ForwardResponse[] = [];
    const fresh: PeerProposal[] = [];
    for (const request of requests) {
      if (request.type === 'readIndex') this.#serveRead(from, request);
      else if (request.type === 'transferLeadership') this.#serveTransfer(request);
      else if (request.type === 'changeMembers') this.#parts.membershipChanges.serve(from, request);
      else this.#sort(from, request, answers, fresh);
    }
    if (fresh.length > 0) answers.push(...this.#append(fresh));
    if (answers.length > 0) this.#options.transport.respond(from, answers);
  }

  /** Answers a proposal at once, or adds it to those that are to be appended. */
  #sort(
    from: MemberId,
    request: ForwardedProposal,
    answers: ForwardResponse[],
    fresh: PeerProposal[],
  ): void {
    this.#commandsReceived += 1;
    if (!this.#parts.leadership.leadsIn(request.term)) {
      answers.push(answerTo(request, 'notLeader'));
      return;
    }
    const origin = this.#readableOrigin(from, request.command);
    if (origin === undefined) return;
    if (this.#isKnown(origin)) answers.push(answerTo(request, 'accepted'));
    else fresh.push({ request, origin });
  }

  #serveTransfer({ term, to }: ForwardedTransfer): void {
    const { leadership, leadershipTransfer } = this.#parts;
    if (leadership.leadsIn(term)) leadershipTransfer.begin(to);
  }

  #append(proposals: readonly PeerProposal[]): readonly ForwardResponse[] {
    const appended = this.#parts.appender.append(proposals.map(({ request }) => request.command));
    const count = appended.ok ? appended.value.length : 0;
    for (const { origin } of proposals.slice(0, count)) this.#inFlight.add(origin);
    const refusal = appended.ok ? 'busy' : appended.error;
    return proposals.map(({ request }, at) => answerTo(request, at < count ? 'accepted' : refusal));
  }

  /** Whether a proposal is in this term's log, or applied: then the peer only has to catch up. */
  #isKnown(origin: Origin): boolean {
    const { memberId, boot, sequence } = origin;
    if (this.#inFlight.has(origin)) return true;
    return this.#parts.stateMachine.members.resultOf(memberId, boot, sequence) !== undefined;
  }

  /** A command that this member can't decode, such as a newer release's, must not enter the log. */
  #readableOrigin(from: MemberId, command: Uint8Array): Origin | undefined {
    try {
      return originOf(command, this.#options.formats.highest);
    } catch (error) {
      if (!(error instanceof MalformedError || error instanceof NewerFormatError)) throw error;
      this.#options.logger.error({ err: error, from }, 'a forwarded command was refused');
      return undefined;
    }
  }

  /** A refused read is not answered: the peer asks again when it knows another leader. */
  #serveRead(from: MemberId, { id, boot, term }: ForwardTag): void {
    this.#readsReceived += 1;
    const { leadership, readContexts, raft } = this.#parts;
    if (!leadership.leadsIn(term)) return;
    const context = readContexts.next();
    if (raft.readIndex(context)) this.#reads.set(context, { from, tag: { id, boot, term } });
  }

  /** Answers a peer whose read it is; false when it is this member's own. */
  onReadState({ context, readIndex }: ReadState): boolean {
    const read = this.#reads.get(context);
    if (read === undefined) return false;
    this.#reads.delete(context);
    const { from, tag } = read;
    this.#options.transport.respond(from, [{ type: 'readIndex', ...tag, readIndex }]);
    return true;
  }

  onApplied(origin: Origin): void {
    this.#inFlight.delete(origin);
  }

  /** What was in flight may be lost with its term, and a peer asks the new leader again. */
  onLeaderChange(): void {
    this.#reads.clear();
    this.#inFlight.clear();
  }
}

function answerTo({ id, boot, term }: ForwardTag, type: ProposalResponse['type']): ForwardResponse {
  return { type, id, boot, term };
}
