/** SQS delays a message by 15 minutes at most; a longer wait is a chain of them. */
const MAX_DELAY_SECONDS = 900;

/** Rounded down: what comes a little early sleeps until it is due, what comes late has missed its turn. */
export const delaySeconds = (dueAt: string | undefined, now: Date): number => {
  const ms = dueAt === undefined ? 0 : Date.parse(dueAt) - now.getTime();
  return Math.min(Math.max(0, Math.floor(ms / 1000)), MAX_DELAY_SECONDS);
};
