import { useEffect, useState } from 'preact/hooks';
import { go, hrefOf } from './router.ts';

/** A filter that is part of the address, so that a view can be kept and handed on. */
export function useFilter(path: string, query: URLSearchParams) {
  return (name: string, value: string): void => {
    const changed = new URLSearchParams(query);
    changed.set(name, value);
    if (name === 'range') {
      changed.delete('from');
      changed.delete('to');
    }
    go(hrefOf(path, changed), { replace: true });
  };
}

type OnChange = (name: string, value: string) => void;

export const Choice = ({
  name,
  label,
  value,
  options,
  onChange,
}: {
  name: string;
  label: string;
  value: string;
  options: readonly (readonly [value: string, label: string])[];
  onChange: OnChange;
}) => (
  <label class="field">
    <span>{label}</span>
    <select
      name={name}
      value={value}
      onChange={({ currentTarget }) => onChange(name, currentTarget.value)}
    >
      {options.map(([each, text]) => (
        <option key={each} value={each}>
          {text}
        </option>
      ))}
    </select>
  </label>
);

/** Asked for when it is complete: at Enter, or when one leaves it. */
export function TextField({
  name,
  label,
  value,
  placeholder,
  isFirst = false,
  onChange,
}: {
  name: string;
  label: string;
  value: string;
  placeholder: string;
  isFirst?: boolean;
  onChange: OnChange;
}) {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  return (
    <label class="field">
      <span>{label}</span>
      <input
        name={name}
        type="search"
        data-find={isFirst ? '' : undefined}
        placeholder={placeholder}
        autoComplete="off"
        spellcheck={false}
        dir="auto"
        value={typed}
        onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        onChange={({ currentTarget }) => onChange(name, currentTarget.value.trim())}
      />
    </label>
  );
}

const RANGES = [
  ['1h', 'last hour'],
  ['24h', 'last 24 hours'],
  ['7d', 'last 7 days'],
  ['30d', 'last 30 days'],
] as const;

export function RangeChoice({ query, onChange }: { query: URLSearchParams; onChange: OnChange }) {
  const isOwn = query.has('from') || query.has('to');
  const own = ['own', `${query.get('from') ?? '…'} to ${query.get('to') ?? 'now'}`] as const;
  return (
    <Choice
      name="range"
      label="Time"
      value={isOwn ? 'own' : (query.get('range') ?? '24h')}
      options={isOwn ? [own, ...RANGES] : RANGES}
      onChange={onChange}
    />
  );
}

export const ConnectionChoice = ({
  query,
  connections,
  onChange,
}: {
  query: URLSearchParams;
  connections: readonly string[];
  onChange: OnChange;
}) => {
  const chosen = query.get('connection') ?? '';
  // One of before, or while the list is still on its way.
  const all =
    chosen === '' || connections.includes(chosen) ? connections : [chosen, ...connections];
  return (
    <Choice
      name="connection"
      label="Connection"
      value={chosen}
      options={[['', 'all'], ...all.map((id) => [id, id] as const)]}
      onChange={onChange}
    />
  );
};
