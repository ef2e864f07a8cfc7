import { useState } from 'preact/hooks';
import { createFolder, writeKey } from '../api/key-requests.js';
import { DeedForm } from '../frame/deed-form.js';
import { Dialog } from '../frame/dialog.js';
import { useDeed } from '../frame/use-deed.js';
import { cleanKey } from './key-path.js';
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
  const deed = useDeed();
  const key = cleanKey(path);
  const ttlSeconds = parseTtl(ttl);
  const create = async () => {
    if (ttlSeconds === 'invalid') return;
    if (isFolder) await createFolder(key, ttlSeconds);
    else await writeKey({ path: key, value, ttlSeconds, guard: { prevExist: false } });
    onCreated(key);
  };
  return (
    <Dialog title="New key" onClose={onClose}>
      <DeedForm
        deed={deed}
        perform={create}
        action="Create"
        isReady={key !== '/' && ttlSeconds !== 'invalid'}
        onCancel={onClose}
      >
        <label class="field">
          Path
          <input
            class="mono"
            type="text"
            value={path}
            onInput={({ currentTarget }) => setPath(currentTarget.value)}
          />
        </label>
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
      </DeedForm>
    </Dialog>
  );
}
