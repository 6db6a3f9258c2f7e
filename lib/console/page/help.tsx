import { useEffect, useRef } from 'preact/hooks';
import { VIEWS } from './keys.ts';

const KEYS: readonly (readonly [keys: readonly string[], what: string])[] = [
  [['j', 'k'], 'next row, row before'],
  [['Enter'], 'open what the row is about'],
  [['Esc'], 'leave a field, go back to the list'],
  [['/'], 'filter'],
  [['r'], 'read anew'],
  ...VIEWS.map(({ name }, index) => [[String(index + 1)], name] as const),
  [['?'], 'these keys'],
];

/** Which keys there are. */
export function Help({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-labelledby="keys" onClose={onClose}>
      <h2 id="keys">Keys</h2>
      <dl class="keys">
        {KEYS.map(([keys, what]) => (
          <div key={what}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}
