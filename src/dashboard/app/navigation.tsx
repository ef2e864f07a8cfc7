import { type PageName, pageNames, routeHash } from './route.js';

const titles: Readonly<Record<PageName, string>> = {
  overview: 'Overview',
  keys: 'Keys',
  locks: 'Locks',
  elections: 'Elections',
};

export function titleOf(page: PageName): string {
  return titles[page];
}

export function Navigation({ current }: { readonly current: PageName }) {
  return (
    <nav aria-label="Pages">
      <ul class="navigation">
        {pageNames.map((page) => (
          <li key={page}>
            <a
              href={routeHash({ page, subject: '' })}
              aria-current={page === current ? 'page' : undefined}
            >
              {titles[page]}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
