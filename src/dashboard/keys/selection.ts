import { goTo } from '../app/route.js';

export interface Selection {
  readonly key: string | undefined;
  readonly select: (key: string, how: 'opened' | 'passed') => void;
  /** Makes it the open folder. */
  readonly enter: (folder: string) => void;
  /** Selects a key wherever it is: its folder is opened unless it is inside the open one. */
  readonly reveal: (key: string) => void;
}

/**
 * The selected key stands in the address, so that it can be linked to, and Back goes back to it.
 */
export function selectionIn(root: string, selected: string | undefined): Selection {
  const subject = root.slice(1);
  const select = (key: string, how: 'opened' | 'passed') => {
    if (key === selected) return;
    goTo({ page: 'keys', subject, selected: key }, how === 'opened' ? 'new' : 'same');
  };
  return {
    key: selected !== undefined && isInside(selected, root) ? selected : undefined,
    select,
    enter: (folder) => goTo({ page: 'keys', subject: folder.slice(1) }, 'new'),
    reveal: (key) => {
      const folder = isInside(key, root) ? root : key.slice(0, key.lastIndexOf('/'));
      goTo({ page: 'keys', subject: folder.slice(1), selected: key }, 'new');
    },
  };
}

function isInside(key: string, root: string): boolean {
  return key !== '/' && (root === '/' || key.startsWith(`${root}/`));
}
