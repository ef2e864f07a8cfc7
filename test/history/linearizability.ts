/**
 * Whether a history could have happened one operation after the other: each takes effect at one
 * moment between its start and its end. The search is that of Wing and Gong ("Testing and Verifying
 * Concurrent Objects", 1993) with the memory of Lowe ("Testing for Linearizability", 2017): no pair
 * of what was done so far and the state it led to is looked at twice. Each client does one thing
 * after the other, so that what was done so far is one number for each client.
 */
export interface Timed {
  readonly client: string;
  readonly start: number;
  readonly end: number;
}

/**
 * The object that the operations work on. With several next states any of them may be the true one.
 */
export interface SequentialModel<State, Operation> {
  readonly initial: State;
  /** All states right after the operation; none when it could not have ended like that. */
  readonly step: (state: State, operation: Operation) => readonly State[];
  /** Equal for equal states only. */
  readonly key: (state: State) => string;
}

export type Verdict<Operation> =
  | { readonly type: 'linearizable'; readonly steps: number }
  /** No order fits. `stuckAt`: what could not be placed after the longest order that was found. */
  | { readonly type: 'impossible'; readonly stuckAt: readonly Operation[] }
  /** The search took too long: nothing is known, and nobody may take it for right. */
  | { readonly type: 'undecided'; readonly steps: number };

interface Point<State> {
  /** How many operations of each client have taken effect. */
  readonly done: readonly number[];
  readonly total: number;
  readonly state: State;
}

export function checkLinearizable<State, Operation extends Timed>(
  operations: readonly Operation[],
  model: SequentialModel<State, Operation>,
  stepsMax: number,
): Verdict<Operation> {
  const clients = byClient(operations);
  const start: Point<State> = { done: clients.map(() => 0), total: 0, state: model.initial };
  const open: Point<State>[] = [start];
  const seen = new Set<string>();
  let deepest = start;
  let steps = 0;
  for (let point = open.pop(); point !== undefined; point = open.pop()) {
    if (point.total === operations.length) return { type: 'linearizable', steps };
    if (point.total > deepest.total) deepest = point;
    const next = candidates(clients, point.done);
    // The last one pushed is tried first: the one that has to end soonest.
    for (const reached of next.flatMap((candidate) => after(point, candidate, model))) {
      steps += 1;
      const key = `${reached.done.join(',')} ${model.key(reached.state)}`;
      if (!seen.has(key)) open.push(reached);
      seen.add(key);
    }
    if (steps > stepsMax) return { type: 'undecided', steps };
  }
  const stuckAt = candidates(clients, deepest.done).map(({ operation }) => operation);
  return { type: 'impossible', stuckAt: stuckAt.reverse() };
}

function after<State, Operation>(
  { done, total, state }: Point<State>,
  { position, operation }: Candidate<Operation>,
  model: SequentialModel<State, Operation>,
): readonly Point<State>[] {
  const doneThen = done.with(position, (done[position] ?? 0) + 1);
  return model
    .step(state, operation)
    .map((next) => ({ done: doneThen, total: total + 1, state: next }));
}

interface Candidate<Operation> {
  readonly position: number;
  readonly operation: Operation;
}

/**
 * The operations that may come next: they began before any other one had to end. The most urgent
 * one is last.
 */
function candidates<Operation extends Timed>(
  clients: readonly (readonly Operation[])[],
  done: readonly number[],
): readonly Candidate<Operation>[] {
  const next = clients.flatMap((operations, position) => {
    const operation = operations[done[position] ?? 0];
    return operation === undefined ? [] : [{ position, operation }];
  });
  const firstEnd = Math.min(...next.map(({ operation }) => operation.end));
  return next
    .filter(({ operation }) => operation.start <= firstEnd)
    .sort((one, other) => other.operation.end - one.operation.end);
}

function byClient<Operation extends Timed>(
  operations: readonly Operation[],
): readonly (readonly Operation[])[] {
  const clients = new Map<string, Operation[]>();
  for (const operation of operations.toSorted((one, other) => one.start - other.start)) {
    const { client, start, end } = operation;
    const earlier = clients.get(client) ?? [];
    const before = earlier.at(-1);
    if (!(start <= end) || (before !== undefined && before.end > start)) {
      throw new Error(`${client} did two things at once, or one backwards, at ${start}`);
    }
    earlier.push(operation);
    clients.set(client, earlier);
  }
  return [...clients.values()];
}
