import { MalformedError, NewerFormatError } from '../encoding/format-error.js';
import { decodeConfiguration } from '../raft/configuration.js';
import type { Entry } from '../raft/entry.js';
import { corrupt } from '../storage/corruption.js';
import { type Inspected, inspectDirectory } from '../storage/inspection.js';
import type { Identity } from '../storage/storage.js';
import { StorageError } from '../storage/storage-error.js';
import { openEntry } from '../store/entry-data.js';
import { defaultOptions } from '../store/options.js';
import { StateMachine } from '../store/state-machine.js';

/** The data directory of a member that is stopped. */
export interface CheckedDirectory {
  readonly identity: Identity;
  /** How often the member has started. */
  readonly boot: number;
  readonly term: number;
  /** The first and the last entry of its log; undefined when that is empty. */
  readonly log: { readonly firstIndex: number; readonly lastIndex: number } | undefined;
  /** As of the last entry that it knows to be committed. */
  readonly state: StateMachine;
}

/**
 * Verifies and decodes all that a start would read.
 * @throws {StorageError}
 */
export async function checkDirectory(path: string): Promise<CheckedDirectory> {
  return await inspectDirectory(path, async (found) => {
    try {
      return { ...describe(found), state: await stateOf(found) };
    } catch (error) {
      throw asStorageError(error);
    }
  });
}

function describe({ identity, boot, hardState, entries }: Inspected) {
  const [first] = entries;
  const last = entries.at(-1);
  const log = first && last && { firstIndex: first.index, lastIndex: last.index };
  return { identity, boot, term: hardState.currentTerm, log };
}

async function stateOf({ hardState, entries, openSnapshot }: Inspected): Promise<StateMachine> {
  const state = new StateMachine();
  const reader = openSnapshot();
  if (reader !== undefined) {
    const restorer = state.restorer(0);
    for await (const chunk of reader.chunks()) restorer.push(chunk);
    restorer.finish();
    restorer.install();
  }
  for (const entry of entries) {
    requireReadable(entry);
    const isNew = entry.index > state.appliedIndex;
    if (isNew && entry.index <= hardState.commitIndex) state.apply(entry, 0);
  }
  return state;
}

/** Those that are not committed are read as well. */
function requireReadable({ type, data }: Entry): void {
  if (type === 'command') openEntry(data, defaultOptions.formats.highest);
  else if (type === 'configuration') decodeConfiguration(data);
}

function asStorageError(error: unknown): unknown {
  if (error instanceof NewerFormatError) {
    return new StorageError('version', error.message, { cause: error });
  }
  return error instanceof MalformedError ? corrupt(error.message, { cause: error }) : error;
}
