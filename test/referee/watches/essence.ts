/** The events that a watch has sent to its client. */
export interface Told {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Lines of JSON; indexes count from the scene's beginning, and times are left out. */
  readonly lines: readonly string[];
  readonly ended: boolean;
}

const comparedHeaders = ['content-type', 'transfer-encoding', 'content-length'];

export function toldBy(
  status: number,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  body: string,
  ended: boolean,
  base: number,
): Told {
  const text = essenceOf(body, base);
  const lines = text.split('\n').slice(0, -1);
  const essence = headerEssence(headers, text.length - body.length, base);
  return { status, headers: essence, lines, ended };
}

/** The length of a body with other indexes is another one. */
function headerEssence(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  shortening: number,
  base: number,
): Readonly<Record<string, string>> {
  const essence: Record<string, string> = {};
  for (const name of comparedHeaders) {
    const value = headers[name];
    if (value === undefined) continue;
    essence[name] = name === 'content-length' ? String(Number(value) + shortening) : String(value);
  }
  const index = Number(headers['x-etcd-index']);
  // A request that cannot be understood was compared with no state.
  essence['x-etcd-index'] = String(index === 0 ? 'none' : index - base);
  if (headers['x-etcd-cluster-id'] !== undefined) essence['x-etcd-cluster-id'] = 'given';
  return essence;
}

function essenceOf(body: string, base: number): string {
  return body
    .replaceAll(/"(modifiedIndex|createdIndex|index)":(\d+)/g, (_, name, digits) =>
      digits === '0' ? `"${name}":0` : `"${name}":${Number(digits) - base}`,
    )
    .replaceAll(/\[(\d+)\/(\d+)\]/g, (_, oldest, asked) => `[${oldest - base}/${asked - base}]`)
    .replaceAll(/\/(\d{20})"/g, (_, digits) => `/in-order-${Number(digits) - base}"`)
    .replaceAll(/"expiration":"[^"]*"/g, '"expiration":"then"')
    .replaceAll(/"ttl":\d+/g, '"ttl":0');
}
