import type { Clock } from '../member/clock.js';
import type { MemberEvent, MemberEventContent } from '../view/member-event.js';

/** The events that are kept. With texts of at most 256 characters they take 300 kB at most. */
export const recentEventsMax = 200;

const textLengthMax = 256;

/** The same event is counted, not repeated, while it happens at least this often. */
const repeatMs = 60_000;

interface Kept extends MemberEvent {
  readonly key: string;
  readonly lastAt: number;
}

/** What this member has seen happen lately, for display. Beyond the limit the oldest is dropped. */
export class RecentEvents {
  readonly #clock: Clock;
  readonly #kept: Kept[] = [];
  #recorded = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many were recorded since the start: whoever asked before sees whether there is more. */
  get recorded(): number {
    return this.#recorded;
  }

  /** The oldest first. */
  list(): readonly MemberEvent[] {
    return this.#kept;
  }

  record(event: MemberEventContent): void {
    const now = this.#clock.now();
    const content = shortened(event);
    const key = JSON.stringify(content);
    this.#recorded += 1;
    const last = this.#kept.findLastIndex((kept) => kept.key === key);
    const known = this.#kept[last];
    if (known !== undefined && isCounted(content) && now - known.lastAt < repeatMs) {
      this.#kept[last] = { ...known, count: known.count + 1, lastAt: now };
      return;
    }
    this.#kept.push({ at: now, lastAt: now, count: 1, content, key });
    if (this.#kept.length > recentEventsMax) this.#kept.shift();
  }
}

/** What a client or a peer may cause at will. */
function isCounted({ type }: MemberEventContent): boolean {
  return type === 'requestsRefused' || type === 'peerRefused';
}

function shortened<T extends object>(content: T): T {
  const short = Object.entries(content).map(([name, value]: [string, unknown]) => [
    name,
    typeof value === 'string' ? value.slice(0, textLengthMax) : value,
  ]);
  return { ...content, ...Object.fromEntries(short) };
}
