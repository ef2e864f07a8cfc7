/** A user's name and password, as they are sent with HTTP's Basic authentication (RFC 7617). */
export interface BasicCredentials {
  readonly name: string;
  readonly password: string;
}

const pattern = /^Basic +([A-Za-z0-9+/_-]+={0,2})$/i;

/** Undefined when the header has another scheme, or is malformed. */
export function basicCredentials(authorization: string): BasicCredentials | undefined {
  const encoded = pattern.exec(authorization)?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) return undefined;
  return { name: text.slice(0, colon), password: text.slice(colon + 1) };
}
