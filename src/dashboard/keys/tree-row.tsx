import { keyNotFound, sentenceOf } from '../api/failure.js';
import type { KeyNode } from '../api/key-requests.js';
import { countOf } from '../format/quantity.js';
import { nameOfKey } from './key-path.js';
import type { Row } from './key-tree.js';
import { looksSecret } from './secret.js';
import { TtlText } from './ttl-text.js';

type Style = { readonly top: string };

const idPrefix = 'tree-row-';

export function treeRowId(at: number): string {
  return idPrefix + at;
}

/** A click on a row, or on its arrow. */
export function rowUnder(target: EventTarget | null): { at: number; isArrow: boolean } | undefined {
  if (!(target instanceof Element)) return undefined;
  const row = target.closest(`[id^=${idPrefix}]`);
  if (row === null) return undefined;
  return {
    at: Number(row.id.slice(idPrefix.length)),
    isArrow: target.classList.contains('tree-arrow'),
  };
}

interface TreeRowProps {
  readonly at: number;
  readonly row: Extract<Row, { readonly type: 'node' }>;
  readonly style: Style;
  readonly isSelected: boolean;
}

export function TreeRow({ at, row, style, isSelected }: TreeRowProps) {
  const { node, depth, isOpen, position, siblings } = row;
  return (
    <div
      id={treeRowId(at)}
      class="tree-row"
      role="treeitem"
      tabIndex={-1}
      style={{ ...style, paddingLeft: `${8 + depth * 20}px` }}
      aria-level={depth + 1}
      aria-posinset={position}
      aria-setsize={siblings}
      aria-selected={isSelected}
      aria-expanded={node.isFolder ? isOpen : undefined}
    >
      <span class="tree-arrow" aria-hidden="true">
        {node.isFolder ? (isOpen ? '▾' : '▸') : ''}
      </span>
      <span class="tree-name">
        {nameOfKey(node.key)}
        {node.isFolder && '/'}
      </span>
      <span class="tree-value">{node.isFolder ? '' : preview(node)}</span>
      {node.expiresAt !== undefined && <TtlText expiresAt={node.expiresAt} isAlone />}
    </div>
  );
}

/** The beginning of the value, on one line. */
function preview({ key, value }: KeyNode): string {
  if (looksSecret(key)) return '••••••';
  return value.slice(0, 120).replaceAll(/\s+/g, ' ');
}

interface TreeNoteProps {
  readonly row: Extract<Row, { readonly type: 'note' }>;
  readonly style: Style;
}

export function TreeNote({ row: { depth, of }, style }: TreeNoteProps) {
  return (
    <div
      class={`tree-row tree-note ${of.type}`}
      role="presentation"
      style={{ ...style, paddingLeft: `${30 + depth * 20}px` }}
    >
      <span title={noteOf(of)}>{noteOf(of)}</span>
    </div>
  );
}

function noteOf(folder: TreeNoteProps['row']['of']): string {
  switch (folder.type) {
    case 'loading':
      return 'Loading …';
    case 'failed':
      return folder.failure.type === 'refused' && folder.failure.errorCode === keyNotFound
        ? 'There is no such folder.'
        : sentenceOf(folder.failure);
    case 'loaded':
      return folder.children.length === 0
        ? 'Empty: there is no key here that is not hidden.'
        : countOf(folder.children.length, 'key', 'keys');
    default:
      return '';
  }
}
