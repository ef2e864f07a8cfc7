/**
 * The names under which clients may ask. A page that makes its own name point here (DNS rebinding)
 * is of the same origin as this server in the eyes of the browser; only the name gives it away.
 */
export class HostList {
  readonly #hosts: ReadonlySet<string>;

  constructor(hosts: readonly string[]) {
    this.#hosts = new Set(hosts.map((host) => host.toLowerCase()));
  }

  /** @param host the header, which may name a port, too. */
  allows(host: string | undefined): boolean {
    if (this.#hosts.has('*')) return true;
    return host !== undefined && this.#hosts.has(nameOf(host.toLowerCase()));
  }
}

function nameOf(host: string): string {
  const port = /:[0-9]*$/.exec(host);
  return port === null || host.endsWith(']') ? host : host.slice(0, port.index);
}
