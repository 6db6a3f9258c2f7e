import { render } from 'preact';
import { useCallback, useState } from 'preact/hooks';
import type { About } from '../answers.ts';
import { CallView } from './call-view.tsx';
import { CallsView } from './calls-view.tsx';
import { ChartsView } from './charts-view.tsx';
import { ConnectionView } from './connection-view.tsx';
import { ConnectionsView } from './connections-view.tsx';
import { DeliveriesView } from './deliveries-view.tsx';
import { Help } from './help.tsx';
import { useKeys } from './keys.ts';
import { Empty } from './parts.tsx';
import { type Place, usePlace } from './router.ts';
import { SetAsideView } from './set-aside-view.tsx';
import { Top } from './top.tsx';
import { useAnswer } from './use-answer.ts';

/** Where reading is free, what is shown keeps itself up to date. */
const EVERY_MS = 5_000;

function View({ place, about }: { place: Place; about: About | undefined }) {
  const [view = '', ...names] = place.path.slice(1).split('/').map(decodeURIComponent);
  const [first, second] = names;
  const everyMs = about?.local ? EVERY_MS : undefined;
  if (view === 'calls' && first !== undefined && second !== undefined) {
    return <CallView key={place.path} connection={first} id={second} everyMs={everyMs} />;
  }
  if (view === 'connections' && first !== undefined) {
    return <ConnectionView key={first} id={first} everyMs={everyMs} />;
  }
  const connections = about?.connections ?? [];
  if (view === '' || view === 'connections') return <ConnectionsView everyMs={everyMs} />;
  if (view === 'calls') {
    return <CallsView query={place.query} connections={connections} everyMs={everyMs} />;
  }
  if (view === 'deliveries') return <DeliveriesView everyMs={everyMs} />;
  if (view === 'charts') return <ChartsView query={place.query} connections={connections} />;
  if (view === 'set-aside') return <SetAsideView />;
  return <Empty title="There is no such view." />;
}

function Page() {
  const place = usePlace();
  const { answer: about } = useAnswer('about');
  const [isHelpOpen, setHelpOpen] = useState(false);
  const toggle = useCallback(() => setHelpOpen((open) => !open), []);
  useKeys({ isOpen: isHelpOpen, toggle });
  return (
    <>
      <a class="skip" href="#view" target="_self">
        Skip to what is shown
      </a>
      <Top path={place.path} about={about} onHelp={toggle} />
      <main class="view" id="view" tabIndex={-1}>
        <View place={place} about={about} />
      </main>
      {isHelpOpen && <Help onClose={toggle} />}
    </>
  );
}

const root = document.getElementById('page');
if (root) {
  root.replaceChildren();
  render(<Page />, root);
}
