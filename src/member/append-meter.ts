import type { LogIndex, MemberId } from '../ids.js';
import type { AppendEntriesRequest, AppendEntriesResponse } from '../raft/messages.js';
import { LatencyMeter } from './latency-meter.js';
import type { FollowerAnswers, Measurements } from './measurements.js';
import { TrafficMeter } from './traffic-meter.js';

/**
 * More than a leader has in flight to one follower, so an older request gets no answer any more.
 */
const awaitedMax = 256;

interface Awaited {
  readonly prevLogIndex: LogIndex;
  readonly lastIndex: number;
  readonly sentAt: number;
}

/**
 * One follower's requests and answers. Both travel in order, so a request that an answer skips was
 * lost.
 */
class Follower {
  readonly #latency = new LatencyMeter();
  #awaited: Awaited[] = [];
  #lost = 0;

  asked(request: Awaited): void {
    if (this.#awaited.length === awaitedMax) {
      this.#awaited.shift();
      this.#lost += 1;
    }
    this.#awaited.push(request);
  }

  answered({ prevLogIndex, success, matchIndex }: AppendEntriesResponse, now: number): void {
    const at = this.#awaited.findIndex(
      (request) =>
        request.prevLogIndex === prevLogIndex && (!success || request.lastIndex === matchIndex),
    );
    const request = this.#awaited[at];
    if (request === undefined) return;
    this.#lost += at;
    this.#awaited.splice(0, at + 1);
    this.#latency.add(now - request.sentAt);
  }

  gone(): void {
    this.#lost += this.#awaited.length;
    this.#awaited = [];
  }

  describe(): FollowerAnswers {
    return {
      answered: this.#latency.count,
      lost: this.#lost,
      latencyMs: this.#latency.describe(),
    };
  }
}

/** Measures the AppendEntries messages between the core and its peers. */
export class AppendMeter {
  readonly #sent = new TrafficMeter();
  readonly #received = new TrafficMeter();
  readonly #followers = new Map<MemberId, Follower>();

  sent(request: AppendEntriesRequest, now: number): void {
    const { to, prevLogIndex, entries } = request;
    this.#sent.add(dataBytes(request), now);
    const lastIndex = prevLogIndex + entries.length;
    this.#follower(to).asked({ prevLogIndex, lastIndex, sentAt: now });
  }

  received(message: AppendEntriesRequest | AppendEntriesResponse, now: number): void {
    if (message.type === 'AppendEntriesRequest') this.#received.add(dataBytes(message), now);
    else this.#followers.get(message.from)?.answered(message, now);
  }

  lost(peer: MemberId): void {
    this.#followers.get(peer)?.gone();
  }

  /** The leader or the term has changed, so outstanding answers are stale. */
  forgetFollowers(): void {
    this.#followers.clear();
  }

  describe(now: number): Pick<Measurements, 'appendsSent' | 'appendsReceived' | 'followers'> {
    return {
      appendsSent: this.#sent.describe(now),
      appendsReceived: this.#received.describe(now),
      followers: new Map(
        [...this.#followers].map(([peer, follower]) => [peer, follower.describe()] as const),
      ),
    };
  }

  #follower(peer: MemberId): Follower {
    const known = this.#followers.get(peer);
    if (known !== undefined) return known;
    const follower = new Follower();
    this.#followers.set(peer, follower);
    return follower;
  }
}

function dataBytes({ entries }: AppendEntriesRequest): number {
  let bytes = 0;
  for (const { data } of entries) bytes += data.byteLength;
  return bytes;
}
