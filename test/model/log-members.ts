/** Who the members are, by their names: letters. */
export interface Members {
  readonly voters: readonly string[];
  readonly learners: readonly string[];
  readonly removed: readonly string[];
}

const nobody: Members = { voters: [], learners: [], removed: [] };

/** How a log writes them, behind the term. */
export function membersWord({ voters, learners, removed }: Members): string {
  return [voters, learners, removed].map((names) => names.join('')).join('|');
}

function membersOf(word: string): Members | undefined {
  const [voters, learners, removed] = word.slice(word.indexOf('-') + 1).split('|');
  if (voters === undefined || learners === undefined || removed === undefined) return undefined;
  return { voters: [...voters], learners: [...learners], removed: [...removed] };
}

/** The voters of the latest change in a log; those that it began with, if it has none. */
export function votersIn(log: readonly string[], initial: readonly string[]): readonly string[] {
  const changes = log.map(membersOf).filter((members) => members !== undefined);
  return changes.at(-1)?.voters ?? initial;
}

/** Whoever is a member again after a removal. */
export function returnedIn(log: readonly string[]): readonly string[] {
  return log.flatMap((word) => {
    const { voters, learners, removed } = membersOf(word) ?? nobody;
    return [...voters, ...learners].filter((name) => removed.includes(name));
  });
}
