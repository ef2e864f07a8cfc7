import { useState } from 'preact/hooks';
import { type KeyNode, setFolderTtl, writeKey } from '../api/key-requests.js';
import { DeedForm } from '../frame/deed-form.js';
import { Dialog } from '../frame/dialog.js';
import { useDeed } from '../frame/use-deed.js';
import { parseTtl, TtlField, ttlLeft } from './ttl-field.js';

interface SetTtlProps {
  readonly node: KeyNode;
  readonly onClose: () => void;
}

export function SetTtl({ node, onClose }: SetTtlProps) {
  const [text, setText] = useState(() => ttlLeft(node.expiresAt));
  const deed = useDeed();
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
      <DeedForm
        deed={deed}
        perform={save}
        action="Set it"
        isReady={ttlSeconds !== 'invalid'}
        onCancel={onClose}
      >
        <TtlField text={text} onInput={setText} />
      </DeedForm>
    </Dialog>
  );
}
