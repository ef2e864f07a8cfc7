/** Where the client API listens, or where a peer is reached. Only `http://host:port` is supported. */
export interface HttpAddress {
  /** `http://host:port`, as written, without a slash at the end. */
  readonly url: string;
  /** Ready for listening and connecting: without the brackets of an IPv6 address. */
  readonly host: string;
  readonly port: number;
}

/** The address, or why it is none, as the end of a sentence that begins with the setting's name. */
export function parseHttpAddress(text: string): HttpAddress | string {
  if (/^https:/i.test(text)) return `"${text}" asks for https, but only http is supported`;
  const parts = /^http:\/\/(\[[0-9a-f:.]+\]|[a-z0-9._-]+):(\d{1,5})\/?$/i.exec(text);
  const [, host, digits] = parts ?? [];
  if (host === undefined || digits === undefined || !URL.canParse(text)) {
    return `"${text}" is not of the form http://host:port`;
  }
  const port = Number(digits);
  if (port < 1) return `"${text}" names no port that can be connected to`;
  return { url: `http://${host}:${port}`, host: connectable(host), port };
}

/** Every local interface: good to listen on, of no use to anybody who wants to connect. */
export function isWildcard({ host }: HttpAddress): boolean {
  return host === '0.0.0.0' || host === '::';
}

export function isLoopback({ host }: HttpAddress): boolean {
  return host === '::1' || /^127\./.test(host);
}

/**
 * `localhost` means 127.0.0.1, on every machine: where it is resolved to ::1 first, nobody
 * who types 127.0.0.1 would find the member.
 */
function connectable(host: string): string {
  if (host.toLowerCase() === 'localhost') return '127.0.0.1';
  return host.replace(/^\[|\]$/g, '');
}
