import { type HttpAddress, parseHttpAddress } from '../config/http-address.js';
import type { ServerConfig } from '../config/server-config.js';
import type { MemberId } from '../ids.js';

/** A member, as far as it has to be known to be reached. */
export interface KnownPeer {
  readonly memberId: MemberId;
  readonly name: string;
  readonly peerUrls: readonly string[];
}

/**
 * Where this member dials the others: at the first URL of each, or where `--peer-forwards` says. A
 * certificate has to name the host of the URL in either case.
 */
export function peerAddresses(
  self: MemberId,
  peers: readonly KnownPeer[],
  { peerForwards }: Pick<ServerConfig, 'peerForwards'>,
): ReadonlyMap<MemberId, HttpAddress> {
  const addresses = new Map<MemberId, HttpAddress>();
  for (const { memberId, name, peerUrls } of peers) {
    const [url] = peerUrls;
    const told = url === undefined ? undefined : parseHttpAddress(url);
    if (memberId === self || told?.ok !== true) continue;
    const forward = peerForwards.find((each) => each.name === name)?.address ?? told.value;
    addresses.set(memberId, { ...forward, hostname: told.value.hostname });
  }
  return addresses;
}
