import type { PasswordHash } from '../../src/command/auth.js';
import type { Identity } from '../../src/command/identity.js';
import type { Random } from './random.js';
import type { Running } from './simulated-member.js';
import { demand } from './violation.js';

/** Who asks, as a member has seen it proved. */
export interface Caller {
  /** Undefined for a guest. */
  readonly identity: Identity | undefined;
}

/** How a client tells who it is. */
export interface Login {
  /** Undefined when the member does not believe it. */
  callerAt(running: Running): Caller | undefined;
}

export const userNames = ['u1', 'u2', 'u3'] as const;

/** They come back, so that a proof may be of the right password, and of another revision. */
export const passwords = ['first', 'second'] as const;

/** Without the scrypt, which would take its time from the real clock. */
export function hashFor(password: string): PasswordHash {
  const cost = { cost: 2, blockSize: 1, parallelization: 1 };
  return { ...cost, salt: Uint8Array.of(1), hash: Buffer.from(password) };
}

const guest: Caller = { identity: undefined };

export const guestLogin: Login = { callerAt: () => guest };

/**
 * A user who knows all passwords, and not which one is right now. What its member believes may be
 * old news in the log, and now and then it asks by what another member believed.
 */
export class UserLogin implements Login {
  readonly #name: string;
  readonly #random: Random;
  #password: string = passwords[0];
  #last = guest;

  constructor(random: Random) {
    this.#name = random.pick(userNames);
    this.#random = random;
  }

  callerAt(running: Running): Caller | undefined {
    const { auth } = running.coordinator.state;
    if (!auth.enabled) return guest;
    if (this.#random.chance(0.2)) return this.#last;
    const identity = this.#random.chance(0.2) ? this.#named(running) : this.#prove(running);
    if (identity === undefined) return undefined;
    this.#last = { identity };
    return this.#last;
  }

  /** By a certificate. */
  #named({ coordinator }: Running): Identity | undefined {
    return coordinator.state.auth.user(this.#name) && { name: this.#name };
  }

  #prove({ coordinator, verified }: Running): Identity | undefined {
    const name = this.#name;
    const user = coordinator.state.auth.user(name);
    const digest = verified.digestOf(`${name}:${this.#password}`);
    const known = verified.identityOf(
      digest,
      ({ revision }) => coordinator.state.auth.user(name)?.revision === revision,
    );
    demand(
      known === undefined || known.revision === user?.revision,
      `a proof of ${name}@${known?.revision} is believed while the user is ${name}@${user?.revision}`,
    );
    if (known !== undefined) return known;
    const isRight = user !== undefined && Buffer.from(this.#password).equals(user.password.hash);
    if (!isRight) {
      this.#password = this.#random.pick(passwords);
      return undefined;
    }
    const identity = { name, revision: user.revision };
    verified.add(digest, identity);
    return identity;
  }
}
