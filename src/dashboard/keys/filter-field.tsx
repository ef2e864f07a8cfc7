import { countText } from '../format/quantity.js';
import { type Folder, fits } from './key-tree.js';

interface FilterFieldProps {
  /** The open folder; undefined while it is not known. */
  readonly folder: Folder | undefined;
  readonly text: string;
  readonly onInput: (text: string) => void;
}

/** How much is in the open folder, and the field that shows less of it. */
export function FilterField({ folder, text, onInput }: FilterFieldProps) {
  return (
    <div class="filter">
      <input
        type="search"
        aria-label="Filter the names"
        placeholder="part of a name"
        value={text}
        onInput={({ currentTarget }) => onInput(currentTarget.value)}
      />
      <span class="section-note" role="status">
        {folder?.type === 'loaded' && countIn(folder, text)}
      </span>
    </div>
  );
}

function countIn({ children }: Extract<Folder, { type: 'loaded' }>, filter: string): string {
  const folders = children.filter(({ isFolder }) => isFolder).length;
  const keys = children.length - folders;
  const parts = [
    ...(folders > 0 ? [`${countText(folders)} ${folders === 1 ? 'folder' : 'folders'}`] : []),
    ...(keys > 0 || folders === 0 ? [`${countText(keys)} ${keys === 1 ? 'key' : 'keys'}`] : []),
  ];
  if (filter === '') return parts.join(', ');
  const fitting = children.filter(({ key }) => fits(key, filter)).length;
  return `${countText(fitting)} of ${parts.join(' and ')} here`;
}
