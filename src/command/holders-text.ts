/** An error names so many holders, and counts the others. */
export const namedHoldersMax = 3;

/** The holders of one lock, by the indexes of the first of them; `count` has all. */
export function holdersText(named: readonly number[], count: number): string {
  if (count === 0) return 'nobody';
  const others = count - named.length;
  return others <= 0 ? named.join(', ') : `${named.join(', ')} and ${others} more`;
}

/** The cause of every acquire that was refused because others hold, however long it waited. */
export function heldCause(name: string, holders: string): string {
  return `${name} is not free; its holder: ${holders}`;
}
