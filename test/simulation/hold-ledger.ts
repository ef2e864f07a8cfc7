import type { AcquireCommand } from '../../src/command/locks.js';
import { demand } from './violation.js';

/** What its client asked for. */
export type HoldKind = Pick<AcquireCommand, 'mode' | 'limit'>;

/** Those who may hold one lock together, as their clients believe. */
class Company {
  readonly name: string;
  /** So many at one time. */
  readonly room: number;
  /** By token, in true time: until then the client acts as a holder. */
  readonly until = new Map<number, number>();
  newestToken = 0;

  constructor(name: string, { mode, limit }: HoldKind) {
    this.name = name;
    this.room = mode === 'shared' ? Number.POSITIVE_INFINITY : limit;
  }

  active(now: number): readonly number[] {
    return [...this.until].filter(([, until]) => until > now).map(([token]) => token);
  }
}

/** Who believes to hold what, in true time: the end-to-end view of mutual exclusion. */
export class HoldLedger {
  readonly #companies = new Map<string, Map<string, Company>>();
  /**
   * Tokens that were given up by one of those who shared the queue entry: the others hear of it too
   * late.
   */
  readonly #givenUp = new Set<number>();
  grants = 0;
  /** Grants beside somebody who held already. */
  together = 0;

  /** A client begins to act as a holder, or goes on. */
  hold(lock: string, token: number, kind: HoldKind, now: number, until: number): void {
    if (this.#givenUp.has(token)) return;
    const company = this.#company(lock, kind);
    const known = company.until.get(token);
    company.until.set(token, Math.max(known ?? 0, until));
    if (known !== undefined) return;
    this.grants += 1;
    if (company.active(now).length > 1) this.together += 1;
    for (const other of this.#companies.get(lock)?.values() ?? []) {
      const room = other === company ? company.room : 0;
      const others = other.active(now).filter((holder) => holder !== token);
      const label = `${lock} is held as ${company.name} with token ${token} at ${now.toFixed(1)}`;
      demand(
        others.length < Math.max(room, 1),
        `${label}, and as ${other.name} with ${others.join(', ')}`,
      );
      demand(
        room > 1 || token > other.newestToken,
        `${label}, after ${other.newestToken} was held as ${other.name}`,
      );
    }
    company.newestToken = Math.max(company.newestToken, token);
  }

  #company(lock: string, kind: HoldKind): Company {
    const companies = this.#companies.get(lock) ?? new Map<string, Company>();
    this.#companies.set(lock, companies);
    const name = `${kind.mode}, limit ${kind.limit}`;
    const company = companies.get(name) ?? new Company(name, kind);
    companies.set(name, company);
    return company;
  }

  /** The client stops acting as a holder, before it asks for the release. */
  end(lock: string, token: number, now: number): void {
    this.#givenUp.add(token);
    for (const { until } of this.#companies.get(lock)?.values() ?? []) {
      const known = until.get(token);
      if (known !== undefined) until.set(token, Math.min(known, now));
    }
  }
}
