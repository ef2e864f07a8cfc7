import type { Command } from '../../src/command/command.js';
import type { CommandResult, QueueEntryResult } from '../../src/command/command-result.js';
import type { Origin } from '../../src/command/envelope.js';
import type { AcquireCommand, CancelAcquireCommand } from '../../src/command/locks.js';
import type { MemberId } from '../../src/ids.js';

/** It waits on a queue entry, or keeps one that holds. Its boot goes on. */
interface Request {
  /** Where it was asked for: a cancel that names another lock has no effect. */
  readonly lock: string;
  readonly memberId: MemberId;
  readonly sequence: number;
  readonly holdsConnection: boolean;
}

/**
 * Which requests keep which queue entries, as the commands and their results tell. The requests of
 * a boot end with it. A queue entry that nothing else kept is abandoned: it goes some commands
 * later.
 */
export class AttachmentLedger {
  readonly #leftBehindMax: number;
  readonly #holds: (token: number) => boolean;
  /** The newest of each member. */
  readonly #boots = new Map<MemberId, number>();
  /** By token. A queue entry without any stays until it is released or expires. */
  readonly #requests = new Map<number, readonly Request[]>();
  /** By token: the boot that alone kept the queue entry; undefined when there were several. */
  readonly #abandoned = new Map<number, string | undefined>();
  /** By token. Another boot through which clients wait for it has ended before. */
  readonly #shared = new Set<number>();
  /** By token. Their places are kept for a TTL, whoever leaves them. */
  readonly #kept = new Set<number>();
  #leftBehind = 0;
  #drops = false;
  #newestToken = 0;

  /**
   * @param leftBehindMax so many attachments of ended boots are dropped with each command.
   * @param holds tells whether the queue entry holds, by its token.
   */
  constructor(leftBehindMax: number, holds: (token: number) => boolean) {
    this.#leftBehindMax = leftBehindMax;
    this.#holds = holds;
  }

  /** By their tokens. They are not granted any more, and go. */
  get abandoned(): ReadonlyMap<number, string | undefined> {
    return this.#abandoned;
  }

  /**
   * So many attachments of ended boots are left at most. An abandoned queue entry has at least one.
   */
  get leftBehind(): number {
    return this.#leftBehind;
  }

  /** Whether the present command drops some before it does anything else. */
  get drops(): boolean {
    return this.#drops;
  }

  /** A command begins: it may be the first of a boot. */
  begin(origin: Origin | undefined): void {
    if (origin !== undefined) this.#hear(origin);
    this.#drops = this.#leftBehind > 0;
    this.#leftBehind = Math.max(0, this.#leftBehind - this.#leftBehindMax);
  }

  #hear({ memberId, boot }: Origin): void {
    const ended = this.#boots.get(memberId) ?? 0;
    if (boot <= ended) return;
    this.#boots.set(memberId, boot);
    for (const [token, requests] of this.#requests) {
      this.#endBoot(memberId, ended, token, requests);
    }
  }

  /**
   * Who was told that the queue entry holds may count on it, unless for as long as a connection
   * lives.
   */
  #endBoot(memberId: MemberId, boot: number, token: number, requests: readonly Request[]): void {
    const kept = requests.filter((request) => request.memberId !== memberId);
    if (kept.length === requests.length) return;
    this.#leftBehind += 1;
    const isSettled = requests.some((each) => !each.holdsConnection && !kept.includes(each));
    if (kept.length > 0) this.#requests.set(token, kept);
    else this.#requests.delete(token);
    if (this.#holds(token) && isSettled) this.#requests.delete(token);
    else if (kept.length === 0 && !this.#kept.has(token)) {
      this.#abandoned.set(token, this.#shared.has(token) ? undefined : `${memberId} ${boot}`);
    }
    this.#shared.add(token);
  }

  /** The queue entry is gone. */
  forget(token: number): void {
    this.#requests.delete(token);
    this.#abandoned.delete(token);
    this.#shared.delete(token);
    this.#kept.delete(token);
  }

  /** The command took effect, for the first time. What went with it was forgotten. */
  end(command: Command, origin: Origin | undefined, result: CommandResult): void {
    if (origin === undefined || result.type === 'error') return;
    if (command.type === 'cancelAcquire') this.#cancel(command, origin);
    if (command.type === 'acquire' && result.type === 'queueEntry') {
      this.#attach(command, origin, result.entry);
    }
  }

  #attach(
    { space, name, holdsConnection, keepsPlace }: AcquireCommand,
    { memberId, sequence }: Origin,
    { index, holds }: QueueEntryResult,
  ): void {
    const joinsHolder = holds && index <= this.#newestToken;
    this.#newestToken = Math.max(this.#newestToken, index);
    const others = this.#requests.get(index) ?? [];
    if (joinsHolder && !holdsConnection) {
      this.#requests.delete(index);
      return;
    }
    const kept = joinsHolder ? others.filter((other) => other.holdsConnection) : others;
    if (keepsPlace === true && !holds) this.#kept.add(index);
    const lock = `${space} ${name}`;
    this.#requests.set(index, [...kept, { lock, memberId, sequence, holdsConnection }]);
  }

  #cancel(command: CancelAcquireCommand, { memberId }: Origin): void {
    const { space, name, index, acquireSequence, keepIfHolder, keepForTtl } = command;
    if (keepIfHolder && this.#holds(index)) return;
    const isMeant = (each: Request) =>
      each.lock === `${space} ${name}` &&
      each.memberId === memberId &&
      each.sequence === acquireSequence;
    const before = this.#requests.get(index);
    const kept = before?.filter((each) => !isMeant(each));
    const hasLeft = before !== undefined && kept !== undefined && kept.length < before.length;
    if (hasLeft && keepForTtl === true && !this.#holds(index)) this.#kept.add(index);
    if (kept === undefined || kept.length === 0) this.#requests.delete(index);
    else this.#requests.set(index, kept);
  }
}
