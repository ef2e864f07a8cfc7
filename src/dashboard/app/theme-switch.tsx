import { useLayoutEffect, useState } from 'preact/hooks';

const themes = ['system', 'light', 'dark'] as const;
type Theme = (typeof themes)[number];

const storageKey = 'conclave-theme';

const labels: Readonly<Record<Theme, string>> = {
  system: 'System',
  light: 'Light',
  dark: 'Dark',
};

export function ThemeSwitch() {
  const [theme, setTheme] = useState<Theme>(storedTheme);
  // Runs before the first paint, or the page would flash in other colours.
  useLayoutEffect(() => {
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const apply = () => {
      const ofSystem = scheme.matches ? 'dark' : 'light';
      document.documentElement.dataset['theme'] = theme === 'system' ? ofSystem : theme;
    };
    apply();
    store(theme);
    scheme.addEventListener('change', apply);
    return () => scheme.removeEventListener('change', apply);
  }, [theme]);
  return (
    <label class="theme-switch">
      <span class="visually-hidden">Colours</span>
      <select
        value={theme}
        onChange={({ currentTarget }) =>
          setTheme(themes.find((name) => name === currentTarget.value) ?? 'system')
        }
      >
        {themes.map((name) => (
          <option key={name} value={name}>
            {labels[name]}
          </option>
        ))}
      </select>
    </label>
  );
}

/** A browser may refuse storage; then the choice lasts until the page is closed. */
function storedTheme(): Theme {
  try {
    return themes.find((name) => name === localStorage.getItem(storageKey)) ?? 'system';
  } catch {
    return 'system';
  }
}

function store(theme: Theme): void {
  try {
    localStorage.setItem(storageKey, theme);
  } catch {
    return;
  }
}
