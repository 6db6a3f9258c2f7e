import { useState } from 'preact/hooks';
import type { About } from '../answers.ts';
import { VIEWS } from './keys.ts';
import { refreshAll } from './use-answer.ts';
import { plural } from './words.ts';

const THEMES = ['auto', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

const chosenTheme = (): Theme =>
  THEMES.find((theme) => theme === document.documentElement.dataset.theme) ?? 'auto';

function choose(theme: Theme): void {
  if (theme === 'auto') {
    delete document.documentElement.dataset.theme;
    localStorage.removeItem('theme');
  } else {
    document.documentElement.dataset.theme = theme;
    localStorage.setItem('theme', theme);
  }
}

const MARKS = { auto: '◐', light: '☀', dark: '☾' } as const;

function ThemeButton() {
  const [theme, setTheme] = useState(chosenTheme);
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'auto';
  return (
    <button
      type="button"
      class="icon"
      title={`Colours: ${theme}. Change to ${next}.`}
      aria-label={`Colours: ${theme}. Change to ${next}.`}
      onClick={() => {
        choose(next);
        setTheme(next);
      }}
    >
      {MARKS[theme]}
    </button>
  );
}

/** What stands above every view. */
export function Top({
  path,
  about,
  onHelp,
}: {
  path: string;
  about: About | undefined;
  onHelp: () => void;
}) {
  const view = path === '/' ? '/connections' : path;
  return (
    <header class="top">
      <a class="brand" href="/">
        Callwire
      </a>
      <nav aria-label="Views">
        {VIEWS.map(({ path: to, name }) => (
          <a key={to} href={to} aria-current={view.startsWith(to) ? 'page' : undefined}>
            {name}
          </a>
        ))}
      </nav>
      <span class="place">
        {about && <bdi title={`Callwire ${about.version}, for reading only`}>{about.place}</bdi>}
        {about && about.unreadable > 0 && (
          <span class="badge doubt" title="They are in no list: another version wrote them.">
            {plural(about.unreadable, 'item')} unreadable
          </span>
        )}
      </span>
      <span class="tools">
        <button
          type="button"
          class="icon"
          title="Read anew (r)"
          aria-label="Read anew"
          onClick={refreshAll}
        >
          ↻
        </button>
        <ThemeButton />
        <button type="button" class="icon" title="Keys (?)" aria-label="Keys" onClick={onHelp}>
          ?
        </button>
      </span>
    </header>
  );
}
