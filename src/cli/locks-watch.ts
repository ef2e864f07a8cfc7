import type { Change, ConclaveClient, LockSummary, LockView } from '../client/index.js';
import { writeLine } from './answer-output.js';
import { lockLine } from './lock-line.js';

/** Where the locks are among the keys. */
const root = '/_etcd/mod/lock';

/** Tells every lock that has a place, and then each that has changed. Ends with an error only. */
export async function watchLocks(client: ConclaveClient, isJson: boolean): Promise<void> {
  const told = new Told(isJson);
  const tellNow = async (name: string) => {
    const lock = summaryOf(await client.inspect(name));
    if (lock.holding + lock.waiting === 0) await told.end(lock);
    else await told.tell(lock, lockLine(lock), lock);
  };
  const tellAll = async () => {
    for await (const lock of client.locks()) await told.tell(lock, lockLine(lock), lock);
  };
  const { index } = await client.keys.read(root);
  await tellAll();
  for await (const change of client.keys.watch(root, { recursive: true, since: index + 1 })) {
    if (change.type === 'resync') {
      for (const name of told.names()) await tellNow(name);
      await tellAll();
    } else if (moves(change)) await tellNow(lockOf(change));
  }
}

/** Tells one lock, free or not, and then again after each change. Ends with an error only. */
export async function watchLock(
  client: ConclaveClient,
  name: string,
  isJson: boolean,
): Promise<void> {
  const told = new Told(isJson);
  const tellNow = async () => {
    const view = await client.inspect(name);
    await told.tell(summaryOf(view), placesOf(view), view);
  };
  const directory = `${root}/${name}`;
  const { index } = await client.keys.read(directory);
  await tellNow();
  for await (const change of client.keys.watch(directory, { recursive: true, since: index + 1 })) {
    if (change.type === 'resync' || (moves(change) && lockOf(change) === name)) await tellNow();
  }
}

/** What was written last. A lock may have been seen already as a later event tells it. */
class Told {
  readonly #isJson: boolean;
  /** By the name of the lock. */
  readonly #states = new Map<string, string>();

  constructor(isJson: boolean) {
    this.#isJson = isJson;
  }

  names(): readonly string[] {
    return [...this.#states.keys()];
  }

  /** Writes a line, unless the lock is in the state in which it was told. */
  async tell(lock: LockSummary, state: string, json: object): Promise<void> {
    if (this.#states.get(lock.name) === state) return;
    this.#states.set(lock.name, state);
    await this.#write(lock, json);
  }

  /** Writes that it is free, and forgets it: there may be many in the long run. */
  async end(lock: LockSummary): Promise<void> {
    if (this.#states.delete(lock.name)) await this.#write(lock, lock);
  }

  async #write(lock: LockSummary, json: object): Promise<void> {
    await writeLine(this.#isJson ? JSON.stringify(json) : lockLine(lock));
  }
}

/** A renewal moves nobody. */
function moves({ action }: Change): boolean {
  return action !== 'update';
}

/** A place is a key in the directory of its lock. */
function lockOf({ node: { key } }: Change): string {
  return key.slice(root.length + 1, key.lastIndexOf('/'));
}

function placesOf({ holders, queue }: LockView): string {
  return [holders, queue].map((places) => places.map(({ index }) => index).join()).join('/');
}

function summaryOf({ name, limit, holders, queue }: LockView): LockSummary {
  return { name, limit, holders, holding: holders.length, waiting: queue.length };
}
