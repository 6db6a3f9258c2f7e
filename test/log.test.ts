import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createCount, createLog, errorFields, LOG_KEYS, type LogFields } from '../lib/log.ts';

const SECRET = '+966551234567';

function lines() {
  const printed: string[] = [];
  return { printed, log: createLog((line) => printed.push(line)) };
}

describe('a log line', () => {
  it('is one JSON object with level and message', () => {
    const { printed, log } = lines();

    log('warn', 'polled', { connection: 'clinic', rows: 2, ok: true, reason: undefined });

    expect(printed.map((line): unknown => JSON.parse(line))).toEqual([
      { level: 'warn', message: 'polled', connection: 'clinic', rows: 2, ok: true },
    ]);
  });

  it('holds none but the keys on the list, whatever the types were talked into', () => {
    const { printed, log } = lines();
    const call = {
      from: SECRET,
      summary: SECRET,
      url: SECRET,
      token: SECRET,
      connection: 'clinic',
    };

    log('info', 'x', call as LogFields);

    expect(printed[0]).not.toContain(SECRET);
    expect(printed[0]).toContain('clinic');
  });

  it('holds no object under a key on the list', () => {
    const { printed, log } = lines();
    const fields: unknown = { reason: { from: SECRET }, calls: [SECRET] };

    log('info', 'x', fields as LogFields);

    expect(printed[0]).not.toContain(SECRET);
  });

  it('is one line and of bounded length, whatever is in a value', () => {
    const { printed, log } = lines();

    log('error', 'x', { reason: `a\nb${'x'.repeat(10_000)}` });

    expect(printed[0]).not.toContain('\n');
    expect(printed[0]?.length).toBeLessThan(400);
  });

  it('of an error holds its name and message, not its cause', () => {
    const error = new Error('it broke', { cause: new Error(SECRET) });

    expect(errorFields(error)).toEqual({ error: 'Error', reason: 'it broke' });
    expect(errorFields(SECRET)).not.toMatchObject({ reason: SECRET });
  });

  it('has no key for what a call says or who was in it', () => {
    const forbidden =
      /summary|transcript|^from$|^to$|number|name|url|token|secret|^key$|body|header|raw|attributes/i;

    expect(LOG_KEYS.filter((key) => forbidden.test(key))).toEqual([]);
  });
});

it('a count is a line of the embedded metric format, without a dimension', () => {
  const printed: string[] = [];
  createCount(
    () => new Date(5),
    (line) => printed.push(line),
  )('ConnectionsFailing', 2);

  expect(JSON.parse(printed[0] ?? '')).toMatchObject({
    _aws: { Timestamp: 5, CloudWatchMetrics: [{ Namespace: 'Callwire', Dimensions: [[]] }] },
    ConnectionsFailing: 2,
  });
});

it('a line that measures is a metric as well, with each value by itself', () => {
  const printed: string[] = [];
  const log = createLog(
    (line) => printed.push(line),
    'info',
    () => new Date(5),
  );
  log('info', 'published', { events: 2 }, { FreshnessLag: [1, 2] });
  log('info', 'published', { events: 1 }, { FreshnessLag: [] });

  const [both, none] = printed.map((line): unknown => JSON.parse(line));
  expect(both).toEqual({
    level: 'info',
    message: 'published',
    events: 2,
    _aws: {
      Timestamp: 5,
      CloudWatchMetrics: [
        {
          Namespace: 'Callwire',
          Dimensions: [[]],
          Metrics: [{ Name: 'FreshnessLag', Unit: 'Milliseconds' }],
        },
      ],
    },
    FreshnessLag: [1, 2],
  });
  expect(none).toEqual({ level: 'info', message: 'published', events: 1 });
});

it('nothing that is deployed prints but through the log', () => {
  const root = new URL('..', import.meta.url).pathname;
  const files = globSync('{functions,lib}/**/*.ts', { cwd: root }).filter(
    (file) => !/^lib\/(cli|console|local)\/|^lib\/log\.ts$/.test(file),
  );

  expect(files.length).toBeGreaterThan(40);
  expect(
    files.filter((file) =>
      /\bconsole\.|process\.std(out|err)/.test(readFileSync(root + file, 'utf8')),
    ),
  ).toEqual([]);
});
