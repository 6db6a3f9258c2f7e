/**
 * The only keys that a log line may carry: ids, counts, reasons and durations. A call's content, a
 * person's name or number, a key or a URL has no key here, so it cannot be logged by accident.
 */
export const LOG_KEYS = [
  'attempts',
  'broken',
  'callId',
  'calls',
  'changed',
  'connection',
  'connections',
  'deliveries',
  'destination',
  'detailRequests',
  'dropped',
  'error',
  'eventId',
  'events',
  'field',
  'final',
  'function',
  'heldMs',
  'kind',
  'late',
  'line',
  'listed',
  'messageId',
  'metric',
  'missedChange',
  'missedFinal',
  'ms',
  'ok',
  'open',
  'outcome',
  'polls',
  'provider',
  'quarantined',
  'reason',
  'requestId',
  'requests',
  'rows',
  'rule',
  'silence',
  'silent',
  'state',
  'type',
  'unproven',
  'waitMs',
] as const;
export type LogKey = (typeof LOG_KEYS)[number];

export type LogFields = Readonly<
  Partial<Record<LogKey, string | number | boolean | null | undefined>>
>;

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What is measured of several things at once, each value by itself, so that there are percentiles of them. */
const MEASURES = {
  /** From the end of a call until that was recorded, of calls that are announced. */
  FreshnessLag: 'Milliseconds',
  /** From the recording of what an event tells until a destination accepted it. */
  DeliveryAge: 'Milliseconds',
  Polls: 'Count',
  Requests: 'Count',
} as const;
export type Measures = Readonly<Partial<Record<keyof typeof MEASURES, readonly number[]>>>;

/**
 * Writes one line. Keys that are not on the list are left out, whatever the types were talked into.
 *
 * @param measures makes the line a metric as well, which costs some 200 bytes: one for many things
 */
export type Log = (
  level: LogLevel,
  message: string,
  fields?: LogFields,
  measures?: Measures,
) => void;

const ALLOWED: ReadonlySet<string> = new Set(LOG_KEYS);

const MAX_VALUE = 300;

/** Objects are left out too: what is in them has passed no list. */
const isLoggable = (value: unknown): boolean =>
  value === null || ['string', 'number', 'boolean'].includes(typeof value);

const clip = (value: unknown): unknown =>
  typeof value === 'string' && value.length > MAX_VALUE ? `${value.slice(0, MAX_VALUE)}…` : value;

/**
 * Prints a line as it is. Not through `console`: with JSON logging, Lambda wraps what `console` prints
 * into a message of its own, in which CloudWatch finds no metrics and no level.
 */
export const printLine = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/**
 * A logger that prints one JSON object a line, as CloudWatch Logs Insights and people like it.
 *
 * @param least lines below are left out: what a log takes in is billed, and most polls find nothing
 */
export const createLog =
  (
    print: (line: string) => void = printLine,
    least: LogLevel = 'info',
    now: () => Date = () => new Date(),
  ): Log =>
  (level, message, fields = {}, measures = {}) => {
    if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(least)) return;
    const allowed = Object.entries(fields)
      .filter(([key, value]) => ALLOWED.has(key) && isLoggable(value))
      .map(([key, value]) => [key, clip(value)]);
    const metrics = metricsOf(measures, now());
    print(JSON.stringify({ level, message, ...Object.fromEntries(allowed), ...metrics }));
  };

/** An error's name and message; its message is ours, so it holds no body, query or secret. */
export const errorFields = (error: unknown): LogFields =>
  error instanceof Error
    ? { error: error.name, reason: error.message }
    : { error: 'unknown', reason: 'something that is no Error was thrown' };

export const METRIC_NAMESPACE = 'Callwire';

/** Metrics without a dimension per connection: each set of dimensions is billed. */
export type Metric =
  | 'CallsLost'
  | keyof typeof MEASURES
  | 'CanariesArrived'
  | 'ChangesMissed'
  | 'ConnectionsFailing'
  | 'DeliveriesParked'
  | 'DestinationsFailing'
  | 'GapsFound'
  | 'OutcomesMissed'
  | 'RecordsQuarantined'
  | 'WebhooksForged'
  | 'WebhooksUnattributed';

/**
 * A count in CloudWatch's embedded metric format: a log line that becomes a metric, without a request.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export const countLine = (metric: Metric, value: number, now: Date): string =>
  JSON.stringify({ ...directive([{ Name: metric, Unit: 'Count' }], now), [metric]: value });

/** What makes a line a metric. */
const directive = (metrics: readonly { Name: string; Unit: string }[], now: Date) => ({
  _aws: {
    Timestamp: now.getTime(),
    CloudWatchMetrics: [{ Namespace: METRIC_NAMESPACE, Dimensions: [[]], Metrics: metrics }],
  },
});

/** The format takes so many values of a metric in one line. */
const MAX_VALUES = 100;

function metricsOf(measures: Measures, now: Date): Record<string, unknown> {
  const told = Object.entries(measures).filter(([, values]) => values.length > 0);
  if (told.length === 0) return {};
  const metrics = told.map(([Name]) => ({ Name, Unit: unitOf(Name) }));
  const values = told.map(([name, all]) => [name, all.slice(0, MAX_VALUES)] as const);
  return { ...directive(metrics, now), ...Object.fromEntries(values) };
}

const unitOf = (name: string): string =>
  Object.entries(MEASURES).find(([known]) => known === name)?.[1] ?? 'None';

/** Counts something, for an alarm to look at. */
export type Count = (metric: Metric, value: number) => void;

/** Counts by printing. */
export const createCount =
  (now: () => Date, print: (line: string) => void = printLine): Count =>
  (metric, value) =>
    print(countLine(metric, value, now()));
