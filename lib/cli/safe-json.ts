/** What a terminal would obey, or turn a line around for; line ends are JSON's own here. */
const UNPRINTABLE = /[^\n\P{Cc}]|[\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

/** The same JSON for a screen: in lines, with everything that no terminal should be sent written as an escape. */
export const safeJson = (value: unknown): string =>
  JSON.stringify(value, null, 2).replaceAll(
    UNPRINTABLE,
    (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
