import { useMemo, useState } from 'preact/hooks';
import { routeHash } from '../app/route.js';
import { StateNote } from '../components/state-note.js';
import { CreateKey } from './create-key.js';
import { FolderBar } from './folder-bar.js';
import { KeyDetails } from './key-details.js';
import { cleanKey, parentOf } from './key-path.js';
import { findNode, rowsOf } from './key-tree.js';
import { TreeView } from './tree-view.js';
import { useKeyTree } from './use-key-tree.js';

interface KeysPageProps {
  readonly folder: string;
  readonly isAnswering: boolean;
}

export function KeysPage({ folder, isAnswering }: KeysPageProps) {
  const root = cleanKey(folder);
  const [hidden, setHidden] = useState(false);
  const [selected, setSelected] = useState<string | undefined>(undefined);
  const [isCreating, setCreating] = useState(false);
  const keys = useKeyTree({ root, hidden, isAnswering, onKey: setSelected });
  const rows = useMemo(() => rowsOf(keys.tree, root), [keys.tree, root]);
  const isInside = selected !== undefined && (root === '/' || selected.startsWith(`${root}/`));
  return (
    <>
      <FolderBar
        folder={root}
        watch={keys.watch}
        hidden={hidden}
        onHidden={setHidden}
        onCreate={() => setCreating(true)}
      />
      <div class="keys">
        <TreeView
          label={`Keys in ${root}`}
          rows={rows}
          selected={selected}
          onSelect={setSelected}
          onOpen={keys.openFolder}
          onClose={keys.closeFolder}
          onEnter={(key) => {
            location.hash = routeHash({ page: 'keys', subject: key.slice(1) });
          }}
        />
        {isInside ? (
          <KeyDetails key={selected} path={selected} node={findNode(keys.tree, selected)} />
        ) : (
          <StateNote>Choose a key to see its value.</StateNote>
        )}
      </div>
      {isCreating && (
        <CreateKey
          folder={root}
          onCreated={(key) => {
            setCreating(false);
            if (parentOf(key) === root) setSelected(key);
          }}
          onClose={() => setCreating(false)}
        />
      )}
    </>
  );
}
