import { AssertionError } from '../../src/assert.js';
import type { ConfigurationChange } from '../../src/raft/configuration-change.js';
import type { Configuration } from '../../src/raft/entry.js';
import type { RaftOptions } from '../../src/raft/options.js';
import type { Raft } from '../../src/raft/raft.js';
import { id, nameOf } from '../raft/peer.js';
import { type Bounds, type Cost, indexLimit, limitOf } from './bounds.js';
import { type Facts, factsOf } from './facts.js';
import { type Fates, untouched, type Waiting } from './held-messages.js';
import { costOf, type Envelope, type Input } from './input.js';
import type { Logs } from './logs.js';
import { Mail } from './mail.js';
import { type MemberState, react, started } from './member-state.js';
import { Memo, Numbering } from './memo.js';
import { normalize, opened } from './normal-form.js';
import { ObjectCodec } from './object-codec.js';

/** A message of the mail of `to`, and which write it waits for; zero if it leaves at once. */
export interface Posted {
  readonly to: number;
  readonly message: number;
  readonly when: 0 | Waiting;
}

/** What one input makes of one state. */
export interface Outcome {
  readonly input: Input;
  readonly next: number;
  readonly sent: readonly Posted[];
  /** What becomes of the messages that have waited since before. */
  readonly fates: Fates;
  readonly cost: Cost | undefined;
  /** Why the core has stopped. */
  readonly fault: string | undefined;
}

export type Post = (envelope: Envelope, when: Posted['when']) => readonly Posted[];

export function isUntouched([first, second]: Fates): boolean {
  return first === untouched[0] && second === untouched[1];
}

interface Known {
  readonly text: string;
  readonly facts: Facts;
}

/**
 * All states in which one member was ever seen, each kept once as text, and what each input makes
 * of each: the core is asked once for each pair.
 */
export class MemberSpace {
  readonly mail: Mail;
  readonly #options: RaftOptions;
  readonly #bounds: Bounds;
  readonly #logs: Logs;
  readonly #codec: ObjectCodec;
  readonly #known = new Numbering<Known>();
  readonly #ownOutcomes: (readonly Outcome[] | undefined)[] = [];
  readonly #received: Memo<Outcome | undefined>;
  readonly #post: Post;

  /** `post` finds the recipient of a message, and its number there. */
  constructor(options: RaftOptions, bounds: Bounds, logs: Logs, post: Post) {
    this.mail = new Mail();
    this.#options = options;
    this.#codec = new ObjectCodec([options, options.random]);
    this.#bounds = bounds;
    this.#logs = logs;
    this.#post = post;
    this.#received = new Memo((state, message) =>
      this.#outcome(state, { type: 'receive', envelope: this.mail.envelope(message) }),
    );
  }

  get size(): number {
    return this.#known.size;
  }

  get reactions(): number {
    return this.#received.size;
  }

  start(): number {
    return this.#numberOf(started(this.#options));
  }

  facts(state: number): Facts {
    return this.#known.at(state).facts;
  }

  state(state: number): MemberState {
    return this.#decode(this.#known.at(state).text);
  }

  /** Undefined when what the message does is out of bounds. */
  received(state: number, message: number): Outcome | undefined {
    return this.#received.get(state, message);
  }

  /** What the inputs do that may come at any time. */
  own(state: number): readonly Outcome[] {
    const known = this.#ownOutcomes[state];
    if (known !== undefined) return known;
    const outcomes = this.#inputs(this.state(state))
      .map((input) => this.#outcome(state, input))
      .filter((outcome) => outcome !== undefined);
    this.#ownOutcomes[state] = outcomes;
    return outcomes;
  }

  #inputs({ raft, write, disk, applied }: MemberState): readonly Input[] {
    const inputs: Input[] = [];
    const { role, leaderId } = raft.softState();
    inputs.push({ type: role === 'leader' ? 'heartbeat' : 'electionTimeout' });
    inputs.push({ type: 'crash', written: false });
    if (write !== undefined) inputs.push({ type: 'persisted' }, { type: 'crash', written: true });
    if (role === 'leader') inputs.push(...this.#leaderInputs(raft));
    if (applied.length > (disk.snapshot?.lastIncludedIndex ?? 0)) {
      inputs.push({ type: 'compact', trailing: 0 }, { type: 'compact', trailing: 1 });
    }
    if (leaderId !== undefined && leaderId !== this.#options.id) {
      inputs.push({ type: 'leaderLost', leader: leaderId });
    }
    return inputs.filter((input) => {
      const cost = costOf(input);
      return cost === undefined || limitOf(cost, this.#bounds) > 0;
    });
  }

  #leaderInputs(raft: Raft): readonly Input[] {
    const inputs: Input[] = [];
    if (raft.lastIndex < this.#bounds.indexMax) inputs.push({ type: 'propose' });
    if (raft.lastIndex < indexLimit(this.#bounds))
      inputs.push(...this.#changes(raft.configuration));
    for (const { id, state } of raft.peers()) {
      inputs.push({ type: 'transfer', to: id });
      if (state === 'replicate') inputs.push({ type: 'unreachable', peer: id });
      if (state === 'snapshot') {
        inputs.push({ type: 'snapshotReported', peer: id, delivered: true });
        inputs.push({ type: 'snapshotReported', peer: id, delivered: false });
      }
    }
    return inputs;
  }

  #changes({ voters, learners }: Configuration): readonly Input[] {
    const { joiners } = this.#bounds;
    const changes: readonly ConfigurationChange[] = [
      ...joiners.map((name) => ({ type: 'addLearner' as const, member: id(name) })),
      ...learners.map((member) => ({ type: 'promote' as const, member })),
      ...[...voters, ...learners].map((member) => ({ type: 'remove' as const, member })),
    ];
    return changes.map((change) => ({ type: 'change', change }));
  }

  /** Undefined when nothing comes of it, or when it leads to a term that is out of bounds. */
  #outcome(state: number, input: Input): Outcome | undefined {
    const { termMax, slowDisks } = this.#bounds;
    const isSlow = slowDisks.includes(nameOf(this.#options.id));
    const member = this.state(state);
    const cost = costOf(input);
    try {
      const { sent, fates } = react(member, input, this.#options, isSlow);
      if (member.raft.softState().currentTerm > termMax) return undefined;
      const next = this.#numberOf(member);
      const posted = sent
        .filter(({ envelope }) => envelope.message.term <= termMax)
        .flatMap(({ envelope, when }) => this.#post(envelope, when));
      if (next === state && posted.length === 0 && isUntouched(fates)) return undefined;
      return { input, next, sent: posted, fates, cost, fault: undefined };
    } catch (error) {
      if (!(error instanceof AssertionError)) throw error;
      return { input, next: state, sent: [], fates: untouched, cost, fault: error.message };
    }
  }

  #numberOf(member: MemberState): number {
    normalize(member.raft, member.write, this.#options);
    const text = this.#encode(member);
    return this.#known.numberOf(text, () => ({
      text,
      facts: factsOf(this.#options, member, this.#logs),
    }));
  }

  /** The core itself knows the write that it waits for. */
  #encode({ write: _, ...rest }: MemberState): string {
    return this.#codec.encode(rest);
  }

  #decode(text: string): MemberState {
    const rest = this.#codec.decode(text) as Omit<MemberState, 'write'>;
    return { ...rest, write: opened(rest.raft).$state.$writeInProgress };
  }
}
