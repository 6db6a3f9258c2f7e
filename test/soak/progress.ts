export const say = (text: string): void => console.error(`soak: ${text}`);

/** With one decimal. */
export const secondsSince = (startedAt: number): number =>
  Math.round((performance.now() - startedAt) / 100) / 10;
