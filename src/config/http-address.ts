import { failure, ok, type Result } from '../result.js';

/** Where the client API listens, or where a peer is reached. */
export interface HttpAddress {
  /** `http://host:port` or `https://host:port`, as written, without a slash at the end. */
  readonly url: string;
  readonly isSecure: boolean;
  /** As written, but for the brackets of an IPv6 address: what a certificate has to name. */
  readonly hostname: string;
  /** For listening and connecting: an IPv6 address has no brackets. */
  readonly host: string;
  readonly port: number;
}

/** The address, or a fault that completes a sentence which begins with the setting's name. */
export function parseHttpAddress(text: string): Result<HttpAddress, string> {
  if (/^https?:\/\/\[fe[89ab][0-9a-f]:|^https?:\/\/\[[^\]]*%/i.test(text)) {
    return failure(
      `"${text}" is a link-local address, which no URL can name in full: ` +
        'take another address, or a host name',
    );
  }
  const parts = /^(https?):\/\/(\[[0-9a-f:.]+\]|[a-z0-9._-]+):(\d{1,5})\/?$/i.exec(text);
  const [, given, host, digits] = parts ?? [];
  const scheme = given?.toLowerCase();
  if (host === undefined || digits === undefined || !URL.canParse(text)) {
    return failure(`"${text}" is not of the form http://host:port or https://host:port`);
  }
  const port = Number(digits);
  if (port < 1) return failure(`"${text}" names no port that can be connected to`);
  return ok({
    url: `${scheme}://${host}:${port}`,
    isSecure: scheme === 'https',
    hostname: host.replace(/^\[|\]$/g, ''),
    host: connectable(host),
    port,
  });
}

/** Every local interface: an address to listen on, but not to connect to. */
export function isWildcard({ host }: HttpAddress): boolean {
  return host === '0.0.0.0' || host === '::';
}

export function isLoopback({ host }: HttpAddress): boolean {
  return host === '::1' || /^127\./.test(host);
}

/**
 * `localhost` means 127.0.0.1 on every machine. Where it resolves to ::1 first, a client that
 * connects to 127.0.0.1 would not find the member.
 */
function connectable(host: string): string {
  if (host.toLowerCase() === 'localhost') return '127.0.0.1';
  return host.replace(/^\[|\]$/g, '');
}
