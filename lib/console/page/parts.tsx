import type { ComponentChildren } from 'preact';
import type { Asked } from './use-answer.ts';
import { fullTime, lengthOf, shortTime, type Tone } from './words.ts';

/** A word with a mark of its tone. */
export const Badge = ({ tone, children }: { tone: Tone; children: ComponentChildren }) => (
  <span class={`badge ${tone}`}>{children}</span>
);

/** An instant, as the clock of whoever looks has it. */
export const Time = ({ at }: { at: string }) => (
  <time dateTime={at} title={`${fullTime(at)} · ${at}`}>
    {shortTime(at)}
  </time>
);

const MINUTE_MS = 60_000;

/** Over a minute, seconds are noise. */
function agoOf(at: string): string {
  const ms = Math.max(0, Date.now() - Date.parse(at));
  return lengthOf(ms < MINUTE_MS ? ms : ms - (ms % MINUTE_MS));
}

/** How long ago something began. */
export const Since = ({ at }: { at: string }) => (
  <time dateTime={at} title={fullTime(at)}>
    {agoOf(at)}
  </time>
);

/** Text from outside: in whichever direction it is written, and without moving what stands beside it. */
export const Name = ({ children }: { children: string }) => <bdi dir="auto">{children}</bdi>;

export const Empty = ({ title, children }: { title: string; children?: ComponentChildren }) => (
  <div class="empty">
    <p class="title">{title}</p>
    {children}
  </div>
);

/** What is shown of an answer: that it is on its way, why there is none, or the answer. */
export function Shown<T>({
  asked,
  children,
}: {
  asked: Asked<T>;
  children: (answer: T) => ComponentChildren;
}) {
  const { answer, trouble, isLoading, refresh } = asked;
  return (
    <div aria-busy={isLoading}>
      {trouble && (
        <div class="trouble" role="alert">
          <p>{trouble.message}</p>
          <button type="button" onClick={refresh}>
            Try again
          </button>
        </div>
      )}
      {answer === undefined ? !trouble && <Skeleton /> : children(answer)}
    </div>
  );
}

const Skeleton = () => (
  <div class="skeleton" role="status">
    <span class="unseen">Loading …</span>
    {[0, 1, 2, 3, 4, 5].map((line) => (
      <i key={line} />
    ))}
  </div>
);

const isKnown = (value: ComponentChildren): boolean =>
  Array.isArray(value)
    ? value.length > 0
    : value !== null && value !== undefined && value !== false && value !== '';

/** Facts under their names; what is not known is left out. */
export const Facts = ({
  facts,
}: {
  facts: readonly (readonly [name: string, value: ComponentChildren])[];
}) => (
  <dl class="facts">
    {facts
      .filter(([, value]) => isKnown(value))
      .map(([name, value]) => (
        <div key={name}>
          <dt>
            <Name>{name}</Name>
          </dt>
          <dd>{value}</dd>
        </div>
      ))}
  </dl>
);
