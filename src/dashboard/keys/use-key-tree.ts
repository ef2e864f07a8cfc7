import { useEffect, useRef, useState } from 'preact/hooks';
import { goTo } from '../app/route.js';
import { type KeyTreeState, KeyTreeStore } from './key-tree-store.js';

export interface UsedKeyTree extends KeyTreeState {
  readonly openFolder: (path: string) => void;
  readonly closeFolder: (path: string) => void;
}

interface KeyTreeSettings {
  readonly root: string;
  readonly hidden: boolean;
  /** Whether the member answers. When it answers again, the watch is started again. */
  readonly isAnswering: boolean;
  /** The folders on the way to it are opened. */
  readonly selected: string | undefined;
}

export function useKeyTree(settings: KeyTreeSettings): UsedKeyTree {
  const { root, hidden, isAnswering, selected } = settings;
  const [state, setState] = useState<KeyTreeState>(nothing);
  const store = useRef<KeyTreeStore | undefined>(undefined);
  useEffect(() => {
    setState(nothing);
    const current = new KeyTreeStore({
      root,
      hidden,
      onChange: setState,
      onKey: (key, folder) =>
        goTo({ page: 'keys', subject: folder.slice(1), selected: key }, 'same'),
    });
    store.current = current;
    current.start();
    return () => current.stop();
  }, [root, hidden]);
  useEffect(() => {
    if (selected !== undefined) store.current?.reveal(selected);
  }, [root, hidden, selected]);
  const wasAnswering = useRef(isAnswering);
  useEffect(() => {
    if (isAnswering && !wasAnswering.current) store.current?.restart();
    wasAnswering.current = isAnswering;
  }, [isAnswering]);
  return {
    ...state,
    openFolder: (path) => void store.current?.openFolder(path),
    closeFolder: (path) => store.current?.closeFolder(path),
  };
}

const nothing: KeyTreeState = { tree: new Map(), watch: { type: 'connecting' } };
