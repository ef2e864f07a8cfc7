/**
 * The host names that this member answers to. A page whose own host name resolves to this member
 * (DNS rebinding) is same-origin for the browser; only the Host header reveals it.
 */
export class HostList {
  readonly #hosts: ReadonlySet<string>;

  constructor(hosts: readonly string[]) {
    this.#hosts = new Set(hosts.map((host) => host.toLowerCase()));
  }

  /** @param host it may have a port; empty when the request names none. */
  allows(host: string): boolean {
    if (this.#hosts.has('*')) return true;
    return this.#hosts.has(nameOf(host.toLowerCase()));
  }
}

function nameOf(host: string): string {
  const port = /:[0-9]*$/.exec(host);
  return port === null || host.endsWith(']') ? host : host.slice(0, port.index);
}
