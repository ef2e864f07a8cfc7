import { type MemberId, type Term, term as toTerm } from '../ids.js';
import type { Role, SoftState } from '../raft/ready.js';
import type { Clock } from './clock.js';

/** Who leads, as this member knows it now. */
export interface LeaderView {
  readonly leaderId: MemberId;
  readonly term: Term;
  /** This member itself. */
  readonly isSelf: boolean;
}

interface LeaderWait {
  readonly leads: () => boolean;
  readonly end: () => void;
}

/**
 * Who leads, as of the driver's last event. The driver alone changes it; the other parts of the
 * member read it. So all that they submit, serve and append in one event belongs to one term.
 */
export class Leadership {
  readonly #clock: Clock;
  readonly #waiting = new Set<LeaderWait>();
  #leader: LeaderView | undefined;
  #appliedTerm: Term | undefined;
  #since: number;
  #changes = 0;
  #campaigns = 0;
  #campaignTerm = toTerm(0);

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#since = clock.now();
  }

  get leader(): LeaderView | undefined {
    return this.#leader;
  }

  /**
   * The term in which this member leads and has applied all earlier entries; undefined otherwise.
   */
  get appliedTerm(): Term | undefined {
    return this.#appliedTerm;
  }

  /** On the member's clock: since when it has known its leader, or that there is none. */
  get since(): number {
    return this.#since;
  }

  /** How often it has learnt of a leader, be it a new one or a new term of the same. */
  get changes(): number {
    return this.#changes;
  }

  /** How often this member became a candidate, each time in a term of its own. */
  get campaigns(): number {
    return this.#campaigns;
  }

  leadsIn(term: Term): boolean {
    return this.#leader?.isSelf === true && this.#leader.term === term;
  }

  /**
   * Follows the core. True when there is a new leader, a new term of the same one, or none any
   * more.
   */
  observe({ leaderId, currentTerm, role }: SoftState): boolean {
    this.#countCampaign(role, currentTerm);
    const known = this.#leader;
    if (known?.leaderId === leaderId && (known === undefined || known.term === currentTerm)) {
      return false;
    }
    const isSelf = role === 'leader';
    this.#leader = leaderId === undefined ? undefined : { leaderId, term: currentTerm, isSelf };
    this.#appliedTerm = undefined;
    this.#since = this.#clock.now();
    if (leaderId !== undefined) this.#changes += 1;
    for (const { leads, end } of [...this.#waiting]) if (leads()) end();
    return true;
  }

  /** A leader was a candidate in its term, be it within one event. */
  #countCampaign(role: Role, currentTerm: Term): void {
    if (role === 'follower' || role === 'preCandidate' || currentTerm <= this.#campaignTerm) return;
    this.#campaignTerm = currentTerm;
    this.#campaigns += 1;
  }

  /** The first entry of a term is applied. True when it is the term in which this member leads. */
  onNoopApplied(noopTerm: Term): boolean {
    if (!this.leadsIn(noopTerm)) return false;
    this.#appliedTerm = noopTerm;
    return true;
  }

  /**
   * Resolves when a member leads that is wanted, or `timeoutMs` are over, or this member stops.
   */
  untilLeads(isWanted: (leaderId: MemberId) => boolean, timeoutMs: number): Promise<void> {
    const leads = () => this.#leader !== undefined && isWanted(this.#leader.leaderId);
    if (leads()) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        this.#waiting.delete(wait);
        resolve();
      };
      const cancel = this.#clock.after(timeoutMs, end);
      const wait = { leads, end };
      this.#waiting.add(wait);
    });
  }

  close(): void {
    for (const { end } of [...this.#waiting]) end();
  }
}
