import { useId, useState } from 'preact/hooks';
import { createFolder, writeKey } from '../api/key-requests.js';
import { ActionForm } from '../components/action-form.js';
import { Dialog } from '../components/dialog.js';
import { useRefusal } from '../components/permission.js';
import { useAction } from '../components/use-action.js';
import { cleanKey, pathProblem } from './key-path.js';
import { parseTtl, TtlField } from './ttl-field.js';

interface CreateKeyProps {
  readonly folder: string;
  readonly onCreated: (key: string) => void;
  readonly onClose: () => void;
}

export function CreateKey({ folder, onCreated, onClose }: CreateKeyProps) {
  const [path, setPath] = useState(folder === '/' ? '/' : `${folder}/`);
  const [isFolder, setIsFolder] = useState(false);
  const [value, setValue] = useState('');
  const [ttl, setTtl] = useState('');
  const action = useAction();
  const key = cleanKey(path.trim());
  const refusal = useRefusal({ type: 'write', path: key, recursive: false });
  const problem = pathProblem(path) ?? (isComplete(key, folder) ? refusal : undefined);
  const problemId = useId();
  const ttlSeconds = parseTtl(ttl);
  const create = async () => {
    if (ttlSeconds === 'invalid') return;
    if (isFolder) await createFolder(key, ttlSeconds);
    else await writeKey({ path: key, value, ttlSeconds, guard: { prevExist: false } });
    onCreated(key);
  };
  return (
    <Dialog title="New key" onClose={onClose}>
      <ActionForm
        action={action}
        perform={create}
        label="Create"
        isReady={problem === undefined && isComplete(key, folder) && ttlSeconds !== 'invalid'}
        onCancel={onClose}
      >
        <label class="field">
          Path
          <input
            class="mono"
            type="text"
            value={path}
            aria-invalid={problem !== undefined}
            aria-describedby={problemId}
            onInput={({ currentTarget }) => setPath(currentTarget.value)}
          />
        </label>
        <span id={problemId} class="section-note" role="status">
          {problem ?? (path.startsWith('/') ? '' : `It will be made as ${key}.`)}
        </span>
        <label class="choice">
          <input
            type="checkbox"
            checked={isFolder}
            onChange={({ currentTarget }) => setIsFolder(currentTarget.checked)}
          />
          an empty folder
        </label>
        {!isFolder && (
          <label class="field">
            Value
            <textarea
              class="mono"
              rows={6}
              value={value}
              onInput={({ currentTarget }) => setValue(currentTarget.value)}
            />
          </label>
        )}
        <TtlField text={ttl} onInput={setTtl} />
      </ActionForm>
    </Dialog>
  );
}

function isComplete(key: string, folder: string): boolean {
  return key !== '/' && key !== folder;
}
