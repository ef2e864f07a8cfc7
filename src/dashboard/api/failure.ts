import { assertNever } from '../../assert.js';

/** Why a request has no good answer. */
export type Failure =
  /** The member that served this page does not answer. */
  | { readonly type: 'unreachable' }
  | { readonly type: 'noLeader' }
  | {
      readonly type: 'refused';
      readonly status: number;
      readonly errorCode: number | undefined;
      readonly message: string;
      readonly cause: string;
      /** The etcd index at which the request was refused; zero when it is not known. */
      readonly index: number;
    }
  /** The answer has an unknown shape. */
  | { readonly type: 'strange'; readonly what: string };

export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(sentenceOf(failure));
    this.failure = failure;
  }
}

export const keyNotFound = 100;
export const compareFailed = 101;
export const keyExists = 105;

export function failureOf(error: unknown): Failure {
  if (error instanceof ApiError) return error.failure;
  return { type: 'strange', what: error instanceof Error ? error.message : String(error) };
}

export function hasCode(error: unknown, errorCode: number): boolean {
  const failure = failureOf(error);
  return failure.type === 'refused' && failure.errorCode === errorCode;
}

export function hasStatus(error: unknown, status: number): boolean {
  const failure = failureOf(error);
  return failure.type === 'refused' && failure.status === status;
}

export function sentenceOf(failure: Failure): string {
  switch (failure.type) {
    case 'unreachable':
      return 'The member that serves this page does not answer.';
    case 'noLeader':
      return 'The cluster has no leader, so nothing can be read or written safely.';
    case 'refused':
      return failure.cause === '' ? `${failure.message}.` : `${failure.message}: ${failure.cause}`;
    case 'strange':
      return `The member answered in a way this page does not know: ${failure.what}. Reload the page if the member was updated.`;
    default:
      return assertNever(failure);
  }
}
