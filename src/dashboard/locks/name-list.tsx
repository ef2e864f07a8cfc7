import { namesMax, type Space, type Summary } from '../api/lock-requests.js';
import { routeHash } from '../app/route.js';
import { StateNote } from '../components/state-note.js';
import { WindowedRows } from '../components/windowed-rows.js';
import { countOf, countText } from '../format/quantity.js';
import type { Names } from './use-names.js';
import { whoText, wordsOf } from './wording.js';

interface NameListProps {
  readonly space: Space;
  readonly names: Names;
  readonly current: string;
  readonly search: string;
}

const rowHeight = 52;

export function NameList({ space, names, current, search }: NameListProps) {
  const { found, polled } = names;
  const words = wordsOf[space];
  if (found.length === 0 && search !== '') return <StateNote>No name fits “{search}”.</StateNote>;
  if (found.length === 0) {
    return (
      <StateNote>
        {words.empty} For example: <code>{words.example}</code>
      </StateNote>
    );
  }
  return (
    <>
      <p class="section-note" role="status">
        {countOf(found.length, words.one, words.many)}
        {polled.value?.hasMore === true && `, the first ${countText(namesMax)} of more`}
      </p>
      <nav class="name-list" aria-label={`All ${words.many}`}>
        <WindowedRows
          count={found.length}
          rowHeight={rowHeight}
          follow={-1}
          renderRow={(at, style) => {
            const summary = found[at];
            if (summary === undefined) return null;
            return (
              <NameRow
                key={summary.name}
                space={space}
                summary={summary}
                style={style}
                isCurrent={summary.name === current}
              />
            );
          }}
        />
      </nav>
    </>
  );
}

interface NameRowProps {
  readonly space: Space;
  readonly summary: Summary;
  readonly style: { readonly top: string };
  readonly isCurrent: boolean;
}

function NameRow({ space, summary, style, isCurrent }: NameRowProps) {
  const { name, holders, holding, waiting } = summary;
  const page = space === 'lock' ? 'locks' : 'elections';
  const who = holders.map(whoText).join(', ');
  return (
    <a
      class="name-row"
      href={routeHash({ page, subject: name })}
      style={style}
      aria-current={isCurrent ? 'true' : undefined}
    >
      <span class="name-title mono">{name}</span>
      <span class="name-waiting">{waiting > 0 && `${countText(waiting)} waiting`}</span>
      <span class="name-holder">{holding === 0 ? 'free' : who}</span>
    </a>
  );
}
