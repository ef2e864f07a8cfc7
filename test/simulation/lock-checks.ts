import type { Command, LockSpace } from '../../src/command/command.js';
import type { Result } from '../../src/command/result.js';
import type { PlaceView, StateView } from '../../src/member/state-view.js';
import { demand } from './violation.js';

type Queue = readonly number[];

/** One command, right after the first member applied it. */
export interface Step {
  readonly command: Command;
  readonly result: Result;
  readonly state: StateView;
  readonly now: number;
  /** It was applied before, so it must change nothing. */
  readonly isRepeated: boolean;
}

const spaces: readonly LockSpace[] = ['lock', 'leader'];

/**
 * What the locks promise at each index of the log: one holder, first come first served, tokens that only grow,
 * and a holder that stays until its own place is gone.
 */
export class LockChecks {
  readonly #queues = new Map<string, Queue>();
  /** Since when, in true time, the TTL of each holder runs. */
  readonly #terms = new Map<string, { readonly since: number; readonly ttlMs: number }>();
  readonly #maximumDrift: number;
  #newestToken = 0;
  grants = 0;
  waits = 0;
  expiries = 0;

  constructor(maximumDrift: number) {
    this.#maximumDrift = maximumDrift;
  }

  /** Compares every queue that the command may have touched with what it was before. */
  onApplied(step: Step): void {
    const { command } = step;
    switch (command.type) {
      case 'acquire':
      case 'renew':
      case 'release':
      case 'leave':
      case 'expireWaiter':
        this.#check(command.space, command.name, step);
        return;
      case 'expireKey':
      case 'register':
        this.#checkAll(step);
        return;
      default:
        return;
    }
  }

  #checkAll(step: Step): void {
    for (const space of spaces) {
      const names = new Set(step.state.names(space));
      for (const key of this.#queues.keys()) {
        const [known = '', name = ''] = split(key);
        if (known === space) names.add(name);
      }
      for (const name of names) this.#check(space, name, step);
    }
  }

  #check(space: LockSpace, name: string, step: Step): void {
    const { command, state, now } = step;
    const key = `${space} ${name}`;
    const before = this.#queues.get(key) ?? [];
    const places = state.queue(space, name);
    const after = places.map((place) => place.index);
    const label = `${key} after ${command.type}: ${before.join(',')} became ${after.join(',')}`;
    for (const [position, place] of places.entries()) {
      demand(place.holds === (position === 0), `${label}: the first place holds, and no other`);
    }
    this.#checkTokens(before, after, label);
    this.#checkOrder(before, after, label);
    const mayMove = command.type !== 'renew' && command.type !== 'acquire' && !step.isRepeated;
    const moved = after[0] !== before[0];
    demand(mayMove || !moved || before.length === 0, `${label}: that moved the lock`);
    if (command.type === 'expireKey' && moved) this.#checkExpiry(key, label, now);
    if (places[0] !== undefined && (moved || isRenewal(step, places[0]))) {
      this.#terms.set(key, { since: now, ttlMs: places[0].ttlMs });
    }
    if (after[0] !== undefined && moved) this.grants += 1;
    if (after.length > 1) this.waits += 1;
    if (after.length === 0) this.#queues.delete(key);
    else this.#queues.set(key, after);
  }

  /** A holder has its whole TTL, from when the first member applied its grant or renewal. */
  #checkExpiry(key: string, label: string, now: number): void {
    this.expiries += 1;
    const running = this.#terms.get(key);
    demand(running !== undefined, `${label}: nobody held`);
    const earliest = running.since + running.ttlMs * (1 - 2 * this.#maximumDrift);
    demand(now >= earliest, `${label}: ${(earliest - now).toFixed(1)} ms before its TTL ended`);
  }

  #checkTokens(before: Queue, after: Queue, label: string): void {
    const known = new Set(before);
    for (const token of after) {
      if (known.has(token)) continue;
      demand(token > this.#newestToken, `${label}: token ${token} is not newer than all before`);
      this.#newestToken = token;
    }
  }

  /** Places may go from anywhere, and come only at the end. */
  #checkOrder(before: Queue, after: Queue, label: string): void {
    const kept = before.filter((token) => after.includes(token));
    demand(
      kept.every((token, position) => after[position] === token),
      `${label}: somebody overtook`,
    );
  }
}

/** Whether the command starts the holder's TTL anew. One that was refused does not. */
function isRenewal({ command, result, isRepeated }: Step, holder: PlaceView): boolean {
  if (isRepeated || (command.type !== 'acquire' && command.type !== 'renew')) return false;
  return result.type === 'place' && result.place.index === holder.index;
}

function split(key: string): [string, string] {
  const at = key.indexOf(' ');
  return [key.slice(0, at), key.slice(at + 1)];
}
