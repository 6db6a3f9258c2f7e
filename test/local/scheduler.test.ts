import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { startScheduler } from '../../lib/local/scheduler.ts';
import type { ScheduleDefinition } from '../../lib/local/template/declarations.ts';

const NOON = Date.parse('2026-01-01T12:00:00Z');
const MINUTE_MS = 60_000;

/** Matchers are `any` to TypeScript. */
const like = (pattern: RegExp): unknown => expect.stringMatching(pattern);

const schedule = (expression: string, input = '{}'): ScheduleDefinition => ({
  name: 'Tick',
  arn: 'arn:aws:scheduler:us-east-1:000000000000:schedule/default/Tick',
  expression,
  timezone: undefined,
  functionName: 'Dispatch',
  input,
  deadLetterArn: undefined,
});

function started(...schedules: ScheduleDefinition[]) {
  const fired: { at: string; input: unknown }[] = [];
  const scheduler = startScheduler(schedules, {
    now: Date.now,
    invoke: (_name, input) => fired.push({ at: new Date().toISOString().slice(11, 19), input }),
  });
  return { fired, scheduler, times: () => fired.map(({ at }) => at) };
}

describe('the scheduler', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: NOON });
    onTestFinished(() => void vi.useRealTimers());
  });

  it('fires a rate at once and then by the clock', () => {
    const { times } = started(schedule('rate(1 minute)'));

    vi.advanceTimersByTime(2 * MINUTE_MS);

    expect(times()).toEqual(['12:00:00', '12:01:00', '12:02:00']);
  });

  it('fires a cron only at its time', () => {
    const { times } = started(schedule('cron(30 12 * * ? *)'));

    vi.advanceTimersByTime(60 * MINUTE_MS);

    expect(times()).toEqual(['12:30:00']);
  });

  it('fills in the placeholders of the input', () => {
    const { fired } = started(
      schedule(
        'cron(30 12 * * ? *)',
        JSON.stringify({
          at: '<aws.scheduler.scheduled-time>',
          id: '<aws.scheduler.execution-id>',
          attempt: '<aws.scheduler.attempt-number>',
          arn: '<aws.scheduler.schedule-arn>',
        }),
      ),
    );

    vi.advanceTimersByTime(30 * MINUTE_MS);

    expect(fired[0]?.input).toEqual({
      at: '2026-01-01T12:30:00Z',
      id: like(/^[\da-f-]{36}$/),
      attempt: '1',
      arn: 'arn:aws:scheduler:us-east-1:000000000000:schedule/default/Tick',
    });
  });

  it('does not make up for what it missed while the machine slept', () => {
    const { times } = started(schedule('rate(1 minute)'));

    vi.setSystemTime(NOON + 10 * MINUTE_MS);
    vi.advanceTimersByTime(2 * MINUTE_MS);

    expect(times()).toEqual(['12:00:00', '12:11:00', '12:12:00']);
  });

  it('fires no more once stopped', () => {
    const { times, scheduler } = started(schedule('rate(1 minute)'));

    scheduler.stop();
    vi.advanceTimersByTime(5 * MINUTE_MS);

    expect(times()).toEqual(['12:00:00']);
  });
});
