import type { MemberId } from '../ids.js';
import type { Coordinator } from '../member/coordinator.js';
import type { PeerContact } from '../view/peer-contact.js';
import type { Sample } from '../view/sample.js';
import type { RecentEvents } from './recent-events.js';
import { SampleHistory } from './sample-history.js';

/** A peer that is lost for less may go unnoticed. */
const lookEveryMs = 1_000;
const sampleEveryMs = 5_000;

/**
 * Measures its member as long as it runs, so that a page that is opened later shows what was
 * before. Each second it looks which peers answer, and records a peer that is lost or found.
 */
export class Sampler {
  readonly history: SampleHistory;
  readonly #coordinator: Coordinator;
  readonly #events: RecentEvents;
  /** Whether each peer answered when last looked at; a peer that never did is not in it. */
  readonly #answered = new Map<MemberId, boolean>();
  #cancel: () => void = () => {};
  #sampleDueAt = 0;

  constructor(coordinator: Coordinator, events: RecentEvents) {
    this.#coordinator = coordinator;
    this.#events = events;
    this.history = new SampleHistory(coordinator.contacts().keys());
  }

  start(): void {
    this.#sampleDueAt = this.#coordinator.clock.now() + sampleEveryMs;
    this.#cancel = this.#lookLater();
  }

  close(): void {
    this.#cancel();
  }

  #lookLater(): () => void {
    return this.#coordinator.clock.after(lookEveryMs, () => {
      this.#cancel = this.#lookLater();
      const now = this.#coordinator.clock.now();
      const contacts = this.#coordinator.contacts();
      for (const [peer, contact] of contacts) this.#observe(peer, contact);
      if (now < this.#sampleDueAt) return;
      // A paused process has a hole in its history, and no burst of samples behind it.
      this.#sampleDueAt = Math.max(this.#sampleDueAt + sampleEveryMs, now);
      this.history.add(this.#sample(now, contacts));
    });
  }

  #observe(peer: MemberId, { reachable }: PeerContact): void {
    const before = this.#answered.get(peer);
    if (before === undefined && !reachable) return;
    this.#answered.set(peer, reachable);
    if (before === true && !reachable) this.#events.record({ type: 'peerLost', peer });
    if (before === false && reachable) this.#events.record({ type: 'peerFound', peer });
  }

  #sample(at: number, contacts: ReadonlyMap<MemberId, PeerContact>): Sample {
    const { state } = this.#coordinator;
    const { commitIndex, rssBytes } = this.#coordinator.memberStatus();
    const { followers } = this.#coordinator.measurements();
    const latencies = [...contacts]
      .filter(([, { reachable }]) => reachable)
      .map(([peer, { roundTripMs }]) => {
        const latencyMs = followers.get(peer)?.latencyMs.current ?? roundTripMs;
        return [peer, latencyMs ?? Number.NaN] as const;
      });
    return {
      at,
      commitIndex,
      rssBytes: rssBytes ?? Number.NaN,
      waitingForLocks: state.locks.totals('lock').waiting,
      waitingForElections: state.locks.totals('leader').waiting,
      latencyMs: new Map(latencies),
    };
  }
}
