import type { Fetch } from '../tls/secure-fetch.js';

/** As OpenSSL calls it that nobody has vouched for a certificate. */
const unknownAuthority = /^UNABLE_TO_|SELF_SIGNED_CERT|^INVALID_CA$|^CERT_UNTRUSTED$/;

/**
 * The same, but a fault that an option can mend names the option.
 * @param cacertFlag names the authorities to trust.
 */
export function withSuggestion(fetch: Fetch, cacertFlag: string): Fetch {
  return async (url, init) => {
    try {
      return await fetch(url, init);
    } catch (error) {
      const cause = causeOf(error);
      const code = codeOf(cause);
      if (cause === undefined || !unknownAuthority.test(code)) throw error;
      const message = `${cause.message}; ${cacertFlag} names the authority to trust`;
      throw new TypeError('fetch failed', { cause: Object.assign(new Error(message), { code }) });
    }
  };
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
