import { useMemo, useState } from 'preact/hooks';
import { StateNote } from '../components/state-note.js';
import { CreateKey } from './create-key.js';
import { FilterField } from './filter-field.js';
import { FolderBar } from './folder-bar.js';
import { KeyDetails } from './key-details.js';
import { cleanKey, parentOf } from './key-path.js';
import { findNode, isHiddenIn, rowsOf } from './key-tree.js';
import { selectionIn } from './selection.js';
import { TreeView } from './tree-view.js';
import { useKeyTree } from './use-key-tree.js';

interface KeysPageProps {
  readonly folder: string;
  readonly selected: string | undefined;
  readonly isAnswering: boolean;
}

export function KeysPage({ folder, selected, isAnswering }: KeysPageProps) {
  const root = cleanKey(folder);
  const [hidden, setHidden] = useState(false);
  const [filter, setFilter] = useState('');
  const [isCreating, setCreating] = useState(false);
  const selection = selectionIn(root, selected);
  const { key } = selection;
  const keys = useKeyTree({ root, hidden, isAnswering, selected: key });
  const rows = useMemo(() => rowsOf(keys.tree, root, filter), [keys.tree, root, filter]);
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
        <div class="tree-side">
          <FilterField folder={keys.tree.get(root)} text={filter} onInput={setFilter} />
          <TreeView
            label={`Keys in ${root}`}
            rows={rows}
            selected={key}
            onSelect={selection.select}
            onOpen={keys.openFolder}
            onClose={keys.closeFolder}
            onEnter={selection.enter}
          />
        </div>
        {key === undefined ? (
          <StateNote>Choose a key to see its value.</StateNote>
        ) : (
          <KeyDetails
            key={key}
            path={key}
            node={findNode(keys.tree, key)}
            absence={absenceOf(
              keys.tree.get(parentOf(key))?.type,
              isHiddenIn(key, root) && !hidden,
            )}
          />
        )}
      </div>
      {isCreating && (
        <CreateKey
          folder={root}
          onCreated={(created) => {
            setCreating(false);
            setFilter('');
            selection.reveal(created);
          }}
          onClose={() => setCreating(false)}
        />
      )}
    </>
  );
}

/** Why a selected key may not be in the tree. */
function absenceOf(parent: string | undefined, isHidden: boolean): 'hidden' | 'loading' | 'gone' {
  if (isHidden) return 'hidden';
  return parent === undefined || parent === 'loading' ? 'loading' : 'gone';
}
