import { useEffect } from 'preact/hooks';
import { go } from './router.ts';
import { refreshAll } from './use-answer.ts';

/** The views, in the order of their keys: 1, 2, … */
export const VIEWS = [
  { path: '/connections', name: 'Connections' },
  { path: '/calls', name: 'Calls' },
  { path: '/deliveries', name: 'Deliveries' },
  { path: '/charts', name: 'Charts' },
  { path: '/set-aside', name: 'Set aside' },
] as const;

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLInputElement ||
  target instanceof HTMLSelectElement ||
  target instanceof HTMLTextAreaElement;

/** Moves the focus between the rows of what is shown. */
function move(by: 1 | -1): void {
  const rows = [...document.querySelectorAll('[data-row]')].filter(
    (each) => each instanceof HTMLElement,
  );
  const { activeElement } = document;
  const now = activeElement instanceof HTMLElement ? rows.indexOf(activeElement) : -1;
  const next = rows[now === -1 ? (by === 1 ? 0 : -1) : Math.max(0, now + by)];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}

function find(): void {
  const field = document.querySelector('[data-find]');
  if (field instanceof HTMLElement) field.focus();
}

/** Out of what one is in: a field, or one call. */
function leave(target: EventTarget | null): void {
  const back = document.querySelector('a[data-back]');
  if (isTyping(target) && target instanceof HTMLElement) target.blur();
  else if (back instanceof HTMLElement) back.click();
}

/** Everything can be done without a mouse. */
export function useKeys(help: { readonly isOpen: boolean; toggle(): void }): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || help.isOpen) return;
      if (event.key === 'Escape') return leave(event.target);
      if (isTyping(event.target)) return;
      const view = VIEWS[Number(event.key) - 1];
      const act = view !== undefined ? () => go(view.path) : ACTS.get(event.key)?.(help.toggle);
      if (!act) return;
      event.preventDefault();
      act();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, [help.isOpen, help.toggle]);
}

const ACTS: ReadonlyMap<string, (toggleHelp: () => void) => () => void> = new Map([
  ['j', () => () => move(1)],
  ['k', () => () => move(-1)],
  ['/', () => find],
  ['r', () => refreshAll],
  ['?', (toggleHelp: () => void) => toggleHelp],
]);
