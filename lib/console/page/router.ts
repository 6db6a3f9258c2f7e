import { useEffect, useState } from 'preact/hooks';

/** What the address says: the view, and what is asked of it. */
export interface Place {
  readonly path: string;
  readonly query: URLSearchParams;
}

const MOVED = 'callwire:moved';

const here = (): Place => ({
  path: location.pathname,
  query: new URLSearchParams(location.search),
});

/** Goes to another view; what was typed into a filter replaces the address before it. */
export function go(href: string, { replace = false }: { replace?: boolean } = {}): void {
  if (replace) history.replaceState(null, '', href);
  else history.pushState(null, '', href);
  window.dispatchEvent(new Event(MOVED));
  if (!replace) window.scrollTo(0, 0);
}

/** A path with a query, without what is empty. */
export function hrefOf(path: string, query: Readonly<Record<string, string>> | URLSearchParams) {
  const entries = query instanceof URLSearchParams ? [...query] : Object.entries(query);
  const kept = new URLSearchParams(entries.filter(([, value]) => value !== '')).toString();
  return kept === '' ? path : `${path}?${kept}`;
}

export const callHref = (connection: string, id: string): string =>
  `/calls/${encodeURIComponent(connection)}/${encodeURIComponent(id)}`;

/** Plain links are followed within the page. */
function follow(event: MouseEvent): void {
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  const isOurs = link !== null && link.origin === location.origin && link.target === '';
  const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey;
  if (!isOurs || !isPlain || event.defaultPrevented) return;
  event.preventDefault();
  go(link.pathname + link.search);
}

export function usePlace(): Place {
  const [place, setPlace] = useState(here);
  useEffect(() => {
    const move = () => setPlace(here());
    window.addEventListener('popstate', move);
    window.addEventListener(MOVED, move);
    document.addEventListener('click', follow);
    return () => {
      window.removeEventListener('popstate', move);
      window.removeEventListener(MOVED, move);
      document.removeEventListener('click', follow);
    };
  }, []);
  return place;
}
