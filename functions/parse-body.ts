/** What a message holds. @throws Error without the parser's own words: they quote the message */
export function parseBody(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new Error('the message is no JSON');
  }
}
