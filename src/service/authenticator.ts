import type { PasswordHash } from '../command/auth.js';
import type { Identity } from '../command/identity.js';
import { type Coordinator, UnavailableError } from '../member/coordinator.js';
import type { ClientCertificate } from '../tls/client-certificate.js';
import { ApiError } from './api-error.js';
import { type BasicCredentials, basicCredentials } from './basic-credentials.js';
import { FailureLimit, networkOf } from './failure-limit.js';
import { hashOf, isPasswordOf, type PasswordCost } from './password.js';
import { VerifiedPasswords } from './verified-passwords.js';

/** Passwords that wait to be hashed here. One at a time is, so that the disk has its threads. */
const waitingMax = 256;

/** In characters: of a name in an answer that says that nobody has it. */
const namesLengthMax = 200;

/** What a request shows of its user. */
export interface Credentials {
  /** The header of that name. */
  readonly authorization: string | undefined;
  /** Of the client's connection, where certificates name users. */
  readonly certificate: ClientCertificate | undefined;
  /** Of the client's connection, without a port. */
  readonly address: string;
}

/** Credentials that are being proved: many connections of one client come back at one time. */
interface Proof {
  readonly identity: Promise<Identity>;
  /** Whence they came. They fail for each, and are tried as long as one may fail. */
  readonly networks: Set<string>;
}

/**
 * Tells who asks. A password is proved by its scrypt, which costs a wrong one as much as that of an
 * unknown user, and is remembered until the user's revision changes. Of a certificate nothing is
 * remembered: it names its user anew with each request.
 */
export class Authenticator {
  readonly #coordinator: Coordinator;
  readonly #cost: PasswordCost;
  readonly #barrierMs: number;
  readonly #wallNow: () => number;
  readonly #verified = new VerifiedPasswords();
  readonly #failures: FailureLimit;
  readonly #underWay = new Map<string, Proof>();
  readonly #nobody: Promise<PasswordHash>;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(
    coordinator: Coordinator,
    cost: PasswordCost,
    barrierMs: number,
    wallNow: () => number,
  ) {
    this.#barrierMs = barrierMs;
    this.#wallNow = wallNow;
    this.#coordinator = coordinator;
    this.#cost = cost;
    this.#failures = new FailureLimit(coordinator.clock);
    this.#nobody = hashOf('', cost);
  }

  /** Of a new password. */
  hash(password: string): Promise<PasswordHash> {
    return this.#inTurn(() => hashOf(password, this.#cost));
  }

  /**
   * The user who asks, as this member knows the users by now; undefined for a guest. A password
   * counts before a certificate: somebody has chosen to send it.
   * @throws {ApiError} for credentials that prove nothing, perhaps as a rejection.
   */
  identify(credentials: Credentials): Identity | undefined | Promise<Identity> {
    const { authorization, certificate, address } = credentials;
    if (authorization === undefined) return certificate && this.#named(certificate);
    const digest = this.#verified.digestOf(authorization);
    const known = this.#verified.identityOf(digest, (each) => this.#isCurrent(each));
    if (known !== undefined) return known;
    const basic = basicCredentials(authorization);
    if (basic === undefined) throw insufficient();
    const network = networkOf(address);
    const underWay = this.#underWay.get(digest);
    if (underWay !== undefined) {
      underWay.networks.add(network);
      return underWay.identity;
    }
    const networks = new Set([network]);
    this.#demandFewFailures(networks);
    const identity = this.#prove(basic, digest, networks);
    this.#underWay.set(digest, { identity, networks });
    const forget = () => this.#underWay.delete(digest);
    identity.then(forget, forget);
    return identity;
  }

  /** @throws {ApiError} when none of them may fail now. */
  #demandFewFailures(networks: ReadonlySet<string>): void {
    const delays = Array.from(networks, (network) => this.#failures.delayMs(network));
    const delayMs = Math.min(...delays);
    if (delayMs > 0) throw tooMany(delayMs);
  }

  /** @throws {ApiError} as `identify`. */
  #named({ commonName: name, expiresAt }: ClientCertificate): Identity | Promise<Identity> {
    if (expiresAt <= this.#wallNow()) throw unauthorized('the certificate has expired');
    const isKnown = () => this.#coordinator.state.auth.user(name) !== undefined;
    if (isKnown()) return { name };
    return this.#catchUp().then(() => {
      if (isKnown()) return { name };
      const told = JSON.stringify(name.slice(0, namesLengthMax));
      throw unauthorized(`the certificate names ${told}, and no user has that name`);
    });
  }

  #isCurrent({ name, revision }: Identity): boolean {
    return this.#coordinator.state.auth.user(name)?.revision === revision;
  }

  async #prove(
    { name, password }: BasicCredentials,
    digest: string,
    networks: ReadonlySet<string>,
  ): Promise<Identity> {
    await this.#catchUp();
    const user = this.#coordinator.state.auth.user(name);
    const known = user?.password ?? (await this.#nobody);
    return await this.#inTurn(async () => {
      // Many may have failed since then: guesses that come at once are as few as one by one.
      this.#demandFewFailures(networks);
      const isRight = await isPasswordOf(password, known);
      if (user === undefined || !isRight) {
        for (const network of networks) this.#failures.failed(network);
        throw insufficient();
      }
      const identity = { name, revision: user.revision };
      this.#verified.add(digest, identity);
      return identity;
    });
  }

  /**
   * Users and passwords may have changed a moment ago. Without a leader the member goes by its
   * state.
   */
  async #catchUp(): Promise<void> {
    try {
      await this.#coordinator.readBarrier(this.#barrierMs);
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
    }
  }

  /** @throws {ApiError} when too many wait. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= waitingMax) {
      throw new ApiError('tooManyWaiting', `this member lets ${waitingMax} passwords wait`);
    }
    this.#waiting += 1;
    const done = this.#last.then(work).finally(() => {
      this.#waiting -= 1;
    });
    this.#last = done.catch(() => {});
    return done;
  }
}

export function insufficient(): ApiError {
  return unauthorized('Insufficient credentials');
}

function unauthorized(cause: string): ApiError {
  return new ApiError('unauthorized', cause);
}

function tooMany(delayMs: number): ApiError {
  const seconds = Math.ceil(delayMs / 1000);
  const cause = `too many failures from this address; try again in ${seconds} s`;
  return new ApiError('tooManyFailures', cause, seconds);
}
