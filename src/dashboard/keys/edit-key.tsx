import { useState } from 'preact/hooks';
import { ApiError, compareFailed, hasCode, keyExists, keyNotFound } from '../api/failure.js';
import { type Guard, type KeyNode, readKey, writeKey } from '../api/key-requests.js';
import { ActionForm } from '../components/action-form.js';
import { useAction } from '../components/use-action.js';
import { EditConflict } from './edit-conflict.js';
import { parseTtl, TtlField, ttlLeft } from './ttl-field.js';

interface EditKeyProps {
  /** The current version; undefined when it was deleted. */
  readonly current: KeyNode | undefined;
  /** The version at which the editor was opened. */
  readonly base: KeyNode;
  readonly onDone: () => void;
}

/** The version of somebody else; undefined when they deleted the key. */
interface Conflict {
  readonly theirs: KeyNode | undefined;
}

/** Saves only if the key is unchanged since its user has seen it. */
export function EditKey({ current, base, onDone }: EditKeyProps) {
  const [seen, setSeen] = useState<Guard>({ prevIndex: base.modifiedIndex });
  const [value, setValue] = useState(base.value);
  const [ttl, setTtl] = useState(() => ttlLeft(base.expiresAt));
  const [conflict, setConflict] = useState<Conflict | undefined>(undefined);
  const action = useAction();
  const ttlSeconds = parseTtl(ttl);

  const save = async (guard: Guard) => {
    if (ttlSeconds === 'invalid') return;
    try {
      await writeKey({ path: base.key, value, ttlSeconds, guard });
      onDone();
    } catch (error) {
      if (!isConflict(error)) throw error;
      setConflict({ theirs: await readIfThere(base.key) });
    }
  };
  const overwrite = ({ theirs }: Conflict) => {
    const guard = guardOf(theirs);
    setSeen(guard);
    setConflict(undefined);
    action.begin(() => save(guard));
  };
  if (conflict !== undefined) {
    return (
      <EditConflict
        mine={value}
        theirs={conflict.theirs}
        onOverwrite={() => overwrite(conflict)}
        onKeepTheirs={onDone}
        onEdit={() => {
          setSeen(guardOf(conflict.theirs));
          setConflict(undefined);
        }}
      />
    );
  }
  const isOutdated = !isSameVersion(seen, current);
  return (
    <ActionForm
      class="editor"
      action={action}
      perform={() => save(seen)}
      label="Save"
      isReady={ttlSeconds !== 'invalid'}
      onCancel={onDone}
    >
      {isOutdated && (
        <p class="notice" role="status">
          {current === undefined
            ? 'Somebody has deleted it meanwhile.'
            : `Somebody has changed it meanwhile, at index ${current.modifiedIndex}.`}{' '}
          When you save, you will see both versions first.
        </p>
      )}
      <label class="field">
        New value
        <textarea
          class="mono"
          rows={12}
          value={value}
          onInput={({ currentTarget }) => setValue(currentTarget.value)}
        />
      </label>
      {/\r/.test(base.value) && (
        <p class="section-note">
          The value holds carriage returns, which an edit field turns into line ends.
        </p>
      )}
      <TtlField text={ttl} onInput={setTtl} />
    </ActionForm>
  );
}

function isConflict(error: unknown): boolean {
  return hasCode(error, compareFailed) || hasCode(error, keyNotFound) || hasCode(error, keyExists);
}

function guardOf(theirs: KeyNode | undefined): Guard {
  return theirs === undefined ? { prevExist: false } : { prevIndex: theirs.modifiedIndex };
}

function isSameVersion(seen: Guard, current: KeyNode | undefined): boolean {
  if ('prevIndex' in seen) return seen.prevIndex === current?.modifiedIndex;
  return current === undefined;
}

async function readIfThere(key: string): Promise<KeyNode | undefined> {
  try {
    return (await readKey(key, false, new AbortController().signal)).node;
  } catch (error) {
    if (error instanceof ApiError && hasCode(error, keyNotFound)) return undefined;
    throw error;
  }
}
