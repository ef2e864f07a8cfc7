import { WindowedRows } from '../components/windowed-rows.js';
import { parentOf } from './key-path.js';
import type { Row } from './key-tree.js';
import { rowUnder, TreeNote, TreeRow, treeRowId } from './tree-row.js';

interface TreeViewProps {
  readonly label: string;
  readonly rows: readonly Row[];
  readonly selected: string | undefined;
  /** A key that the keyboard passes is not one that somebody has opened. */
  readonly onSelect: (key: string, how: 'opened' | 'passed') => void;
  readonly onOpen: (folder: string) => void;
  readonly onClose: (folder: string) => void;
  /** Makes the folder the root of the tree. */
  readonly onEnter: (folder: string) => void;
}

const rowHeight = 32;

/** A tree view with the keyboard interface of the ARIA Authoring Practices. */
export function TreeView(props: TreeViewProps) {
  const { label, rows, selected } = props;
  const at = rows.findIndex((row) => row.type === 'node' && row.node.key === selected);
  return (
    <div
      class="tree"
      role="tree"
      aria-label={label}
      tabIndex={0}
      aria-activedescendant={at < 0 ? undefined : treeRowId(at)}
      onClick={({ target }) => point(props, target)}
      onDblClick={({ target }) => enter(props, target)}
      onKeyDown={(event) => {
        if (walk(props, at, event.key)) event.preventDefault();
      }}
    >
      <WindowedRows
        count={rows.length}
        rowHeight={rowHeight}
        follow={at}
        renderRow={(position, style) => {
          const row = rows[position];
          if (row === undefined) return null;
          if (row.type === 'note')
            return <TreeNote key={`note ${row.folder}`} row={row} style={style} />;
          return (
            <TreeRow
              key={row.node.key}
              at={position}
              row={row}
              style={style}
              isSelected={position === at}
            />
          );
        }}
      />
    </div>
  );
}

/** A click selects a row. On the arrow it opens or closes the folder, too. */
function point(props: TreeViewProps, target: EventTarget | null): void {
  const under = rowUnder(target);
  const row = under && props.rows[under.at];
  if (row?.type !== 'node') return;
  props.onSelect(row.node.key, 'opened');
  if (under?.isArrow) toggle(props, row);
}

/** A double click enters a folder. */
function enter(props: TreeViewProps, target: EventTarget | null): void {
  const under = rowUnder(target);
  const row = under && props.rows[under.at];
  if (row?.type === 'node' && row.node.isFolder && !under?.isArrow) props.onEnter(row.node.key);
}

/** Returns whether the key was handled. */
function walk(props: TreeViewProps, at: number, key: string): boolean {
  const row = props.rows[at];
  switch (key) {
    case 'ArrowDown':
      return selectFrom(props, at + 1, 1);
    case 'ArrowUp':
      return selectFrom(props, at - 1, -1);
    case 'Home':
      return selectFrom(props, 0, 1);
    case 'End':
      return selectFrom(props, props.rows.length - 1, -1);
    case 'PageDown':
      return selectFrom(props, Math.min(at + 15, props.rows.length - 1), -1);
    case 'PageUp':
      return selectFrom(props, Math.max(at - 15, 0), 1);
    case 'ArrowRight':
      return row?.type === 'node' && goIn(props, row, at);
    case 'ArrowLeft':
      return row?.type === 'node' && goOut(props, row);
    case 'Enter':
      return row?.type === 'node' && toggle(props, row);
    default:
      return false;
  }
}

/** The first node at that row or beyond, in that direction: notes cannot be selected. */
function selectFrom({ rows, onSelect }: TreeViewProps, from: number, step: 1 | -1): boolean {
  for (let at = from; at >= 0 && at < rows.length; at += step) {
    const row = rows[at];
    if (row?.type !== 'node') continue;
    onSelect(row.node.key, 'passed');
    break;
  }
  return true;
}

type NodeRow = Extract<Row, { readonly type: 'node' }>;

function goIn(props: TreeViewProps, { node, isOpen }: NodeRow, at: number): boolean {
  if (!node.isFolder) return true;
  if (!isOpen) props.onOpen(node.key);
  else selectFrom(props, at + 1, 1);
  return true;
}

function goOut(props: TreeViewProps, { node, isOpen, depth }: NodeRow): boolean {
  if (isOpen) props.onClose(node.key);
  else if (depth > 0) props.onSelect(parentOf(node.key), 'passed');
  return true;
}

function toggle(props: TreeViewProps, { node, isOpen }: NodeRow): boolean {
  if (!node.isFolder) return true;
  if (isOpen) props.onClose(node.key);
  else props.onOpen(node.key);
  return true;
}
