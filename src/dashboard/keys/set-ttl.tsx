import { useState } from 'preact/hooks';
import { type KeyNode, setFolderTtl, writeKey } from '../api/key-requests.js';
import { ActionForm } from '../components/action-form.js';
import { Dialog } from '../components/dialog.js';
import { useAction } from '../components/use-action.js';
import { parseTtl, TtlField, ttlLeft } from './ttl-field.js';

interface SetTtlProps {
  readonly node: KeyNode;
  readonly onClose: () => void;
}

export function SetTtl({ node, onClose }: SetTtlProps) {
  const [text, setText] = useState(() => ttlLeft(node.expiresAt));
  const action = useAction();
  const ttlSeconds = parseTtl(text);
  const save = async () => {
    if (ttlSeconds === 'invalid') return;
    if (node.isFolder) await setFolderTtl(node.key, ttlSeconds);
    else {
      const guard = { prevIndex: node.modifiedIndex };
      await writeKey({ path: node.key, value: node.value, ttlSeconds, guard });
    }
    onClose();
  };
  return (
    <Dialog title={`TTL of ${node.key}`} onClose={onClose}>
      <ActionForm
        action={action}
        perform={save}
        label="Set it"
        isReady={ttlSeconds !== 'invalid'}
        onCancel={onClose}
      >
        <TtlField text={text} onInput={setText} />
      </ActionForm>
    </Dialog>
  );
}
