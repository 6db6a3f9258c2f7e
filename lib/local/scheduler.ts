import { randomUUID } from 'node:crypto';
import { isoSeconds } from './iso-seconds.ts';
import { nextRun } from './schedule.ts';
import type { ScheduleDefinition } from './template/declarations.ts';
import { timerDelay } from './timer-delay.ts';

/** Runs the schedules of a template. */
export interface Scheduler {
  /** Fires no more. What was fired goes on. */
  stop(): void;
}

/**
 * Fires each schedule at its times. A time that passed while nobody ran (a machine asleep, a process
 * stopped) is not made up for: what a schedule starts looks at the present anyway.
 *
 * A `rate` also fires at once. In AWS it counts from its creation, long before anyone looks; here
 * the creation is this moment, and a demo that begins with a minute of nothing would help nobody.
 *
 * @param invoke hands the input to a function without waiting for it, as Scheduler does with Lambda:
 *   what the function throws is not Scheduler's to retry
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-eventbridge-scheduler.html
 */
export function startScheduler(
  schedules: readonly ScheduleDefinition[],
  { invoke, now }: { invoke: (functionName: string, input: unknown) => void; now: () => number },
): Scheduler {
  const timers = new Map<string, NodeJS.Timeout>();

  for (const schedule of schedules) {
    if (schedule.expression.startsWith('rate')) {
      fire(schedule, new Date(now()));
    }
    wait(schedule, new Date(now()));
  }

  return {
    stop: () => {
      for (const timer of timers.values()) {
        clearTimeout(timer);
      }
      timers.clear();
    },
  };

  function wait(schedule: ScheduleDefinition, after: Date): void {
    const due = nextRun(schedule.expression, after, schedule.timezone);
    if (due !== undefined) {
      sleepUntil(schedule, due);
    }
  }

  function sleepUntil(schedule: ScheduleDefinition, due: Date): void {
    const timer = setTimeout(
      () => {
        const late = now() - due.getTime();
        if (late < 0) {
          sleepUntil(schedule, due);
          return;
        }
        fire(schedule, due);
        // Counted from the time that was due, so that a rate does not drift, unless it is long past.
        const next = nextRun(schedule.expression, due, schedule.timezone);
        wait(schedule, next !== undefined && next.getTime() > now() ? due : new Date(now()));
      },
      timerDelay(due.getTime() - now()),
    );
    timers.set(schedule.name, timer);
  }

  function fire({ arn, functionName, input }: ScheduleDefinition, due: Date): void {
    invoke(functionName, JSON.parse(scheduledInput(input, arn, due)));
  }
}

/**
 * The attempt is always the first: a function on this machine takes every call.
 *
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
 */
function scheduledInput(input: string, scheduleArn: string, due: Date): string {
  return input
    .replaceAll('<aws.scheduler.schedule-arn>', scheduleArn)
    .replaceAll('<aws.scheduler.scheduled-time>', isoSeconds(due))
    .replaceAll('<aws.scheduler.execution-id>', randomUUID())
    .replaceAll('<aws.scheduler.attempt-number>', '1');
}
