import type { Address } from './channel.js';

/** Of a URL that the member has checked before it told it; undefined when it is none. */
export function addressOf(peerUrl: string): Address | undefined {
  if (!URL.canParse(peerUrl)) return undefined;
  const { protocol, hostname, port } = new URL(peerUrl);
  const name = hostname.replace(/^\[|\]$/g, '');
  // As in the configuration: `localhost` is one address, not whichever is resolved first.
  const host = name === 'localhost' ? '127.0.0.1' : name;
  // A URL leaves out the port that its scheme has anyway.
  const usualPort = protocol === 'https:' ? 443 : 80;
  return { host, port: Number(port || usualPort), hostname: name };
}
