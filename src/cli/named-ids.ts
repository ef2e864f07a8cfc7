/** The fields of a log line. */
export type Fields = Readonly<Record<string, unknown>>;

/**
 * Puts the members' names beside their ids, which nobody knows by heart: `peer: ID` becomes
 * `peer: NAME, peerId: ID`, and an id within a text `NAME (ID)`. A field whose name ends in "Id"
 * has its name beside it already.
 */
export function withNames(fields: Fields, names: ReadonlyMap<string, string>): Fields {
  const named = Object.entries(fields).flatMap(([key, value]): [string, unknown][] => {
    if (Array.isArray(value)) return [[key, value.map((part) => textWithNames(part, names))]];
    if (typeof value !== 'string' || key.endsWith('Id')) return [[key, value]];
    const name = names.get(value);
    if (name === undefined) return [[key, textWithNames(value, names)]];
    return [
      [key, name],
      [`${key}Id`, value],
    ];
  });
  return Object.fromEntries(named);
}

function textWithNames(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (typeof value !== 'string') return value;
  return value.replaceAll(/\b[0-9a-f]{16}\b/g, (id) => {
    const name = names.get(id);
    return name === undefined ? id : `${name} (${id})`;
  });
}
