import * as z from 'zod';
import { DAY_MS, MINUTE_MS } from '../time.ts';
import { duration } from './duration.ts';

/** Days as they are written, in the order in which dates count them: the first day of a week is 0. */
export const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

const NOT_HOURS = 'is not a time of day from and to; write such as 09:00-17:00';

const timeOfDay = (hour: string | undefined, minute: string | undefined): number =>
  (Number(hour) * 60 + Number(minute)) * MINUTE_MS;

/** `09:00-17:00`, or `20:00-04:00` over midnight: becomes milliseconds after the day began, `to` after `from`. */
const hoursSchema = z.string({ error: NOT_HOURS }).transform((text, context) => {
  const [, ...parts] = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)$/.exec(text) ?? [];
  const [from, to] = [timeOfDay(parts[0], parts[1]), timeOfDay(parts[2], parts[3])];
  // 24:00 is midnight, and nothing is later.
  if (parts.length === 0 || to > DAY_MS || from === to) {
    context.addIssue({ code: 'custom', message: NOT_HOURS });
    return z.NEVER;
  }
  return { from, to: to > from ? to : to + DAY_MS };
});

const isZone = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
};

const within = duration({ min: '1s', max: '30d' });

/** How long a connection may go without a new call: by the clock, or in expected hours only. */
export const expectTrafficSchema = z.union([
  within.transform((ms) => ({ within: ms, calendar: undefined })),
  z
    .strictObject({
      within,
      /** Every day where they are not written. */
      days: z.array(z.enum(DAYS)).nonempty().optional(),
      /** All day where they are not written. */
      hours: hoursSchema.optional(),
      zone: z
        .string()
        .refine(isZone, { error: 'is not a time zone; write one such as Asia/Riyadh' })
        .optional(),
    })
    .superRefine(({ days, hours, zone }, context) => {
      if (zone !== undefined || (days === undefined && hours === undefined)) return;
      const message =
        'has no time zone; write zone: Asia/Riyadh, or where its callers are, with it';
      context.addIssue({ code: 'custom', path: [hours ? 'hours' : 'days'], message });
    })
    .transform(({ days, hours, zone, within: ms }) => ({
      within: ms,
      calendar: (days ?? hours) && {
        days: (days ?? DAYS).map((day) => DAYS.indexOf(day)),
        hours: hours ?? { from: 0, to: DAY_MS },
        zone: zone ?? 'UTC',
      },
    })),
]);
export type ExpectedTraffic = z.infer<typeof expectTrafficSchema>;
