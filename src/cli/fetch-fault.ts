import type { Fetch } from '../tls/secure-fetch.js';

/** As OpenSSL calls it that nobody has vouched for a certificate. */
const unknownAuthority = /^UNABLE_TO_|SELF_SIGNED_CERT|^INVALID_CA$|^CERT_UNTRUSTED$/;

/**
 * The same, but a fault that its user can mend says what is wrong, and how to mend it.
 * @param authority where the authorities to trust are named.
 */
export function withSuggestion(
  fetch: Fetch,
  authority: { readonly flag: string; readonly isGiven: boolean },
): Fetch {
  return async (url, init) => {
    try {
      return await fetch(url, init);
    } catch (error) {
      const cause = causeOf(error);
      const code = codeOf(cause);
      const message = cause === undefined ? undefined : suggestionFor(url, code, cause, authority);
      if (message === undefined) throw error;
      throw new TypeError('fetch failed', { cause: Object.assign(new Error(message), { code }) });
    }
  };
}

function suggestionFor(
  url: string,
  code: string,
  { message }: Error,
  { flag, isGiven }: { readonly flag: string; readonly isGiven: boolean },
): string | undefined {
  if (code === 'ECONNREFUSED') return `nothing listens at ${new URL(url).host}`;
  if (code.startsWith('HPE_')) {
    return 'nothing speaks HTTP there: give the address of a member for clients, not for peers';
  }
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER') return 'nothing speaks TLS there; try http://';
  if (!unknownAuthority.test(code)) return undefined;
  const hint = isGiven ? 'names no authority that vouches for it' : 'names the authority to trust';
  return `${message}; ${flag} ${hint}`;
}

/** `fetch` reports every fault as "fetch failed"; the real one is its cause. */
export function faultText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = causeOf(error);
  if (cause === undefined) return error.message;
  if (codeOf(cause) === 'ECONNREFUSED') return 'nothing listens there';
  return cause.message === '' ? error.message : cause.message;
}

function causeOf(error: unknown): Error | undefined {
  return error instanceof Error && error.cause instanceof Error ? error.cause : undefined;
}

function codeOf(cause: Error | undefined): string {
  return cause !== undefined && 'code' in cause ? String(cause.code) : '';
}
