import type { Identity } from '../../command/identity.js';
import type { Right } from '../../command/right.js';
import type { Revocable, Revocations } from '../../service/revocations.js';
import type { ApiRequest } from '../server/api-request.js';

/** Ends one request that waits, once its user may no longer do what it waits for. */
export class Revocation implements Revocable {
  readonly identity: Identity | undefined;
  readonly #revocations: Revocations;
  readonly #rightsOf: (request: ApiRequest) => readonly Right[];
  #rights: readonly Right[] = [];
  #end = () => {};
  #isRevoked = false;

  constructor(
    identity: Identity | undefined,
    revocations: Revocations,
    rightsOf: (request: ApiRequest) => readonly Right[],
  ) {
    this.identity = identity;
    this.#revocations = revocations;
    this.#rightsOf = rightsOf;
  }

  get isRevoked(): boolean {
    return this.#isRevoked;
  }

  /** From now on the request waits. Returns what is to be called when it has ended. */
  begin(request: ApiRequest, end: () => void): () => void {
    this.#rights = this.#rightsOf(request);
    this.#end = end;
    this.#revocations.add(this);
    return () => this.#revocations.delete(this);
  }

  rights(): readonly Right[] {
    return this.#rights;
  }

  revoke(): void {
    this.#isRevoked = true;
    this.#end();
  }
}
