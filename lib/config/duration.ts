import * as z from 'zod';
import { parseDuration } from '../time.ts';

const NOT_A_DURATION = 'is not a duration; write a number and a unit, such as 30s, 1m, 24h or 7d';

/** `1s`, `16m`, `7d`: becomes milliseconds. */
export const duration = ({ min, max }: { min: string; max: string }) =>
  z.string({ error: NOT_A_DURATION }).transform((text, context) => {
    const ms = parseDuration(text);
    if (ms === undefined) {
      context.addIssue({ code: 'custom', message: NOT_A_DURATION });
      return z.NEVER;
    }
    if (ms < (parseDuration(min) ?? 0) || ms > (parseDuration(max) ?? Number.POSITIVE_INFINITY)) {
      context.addIssue({ code: 'custom', message: `is out of range; write ${min} to ${max}` });
      return z.NEVER;
    }
    return ms;
  });
