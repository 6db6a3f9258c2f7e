import type { Answers, Question } from '../answers.ts';

/** The server says no, in words for people; status 0: it is not there. */
export class Refused extends Error {
  override name = 'Refused';
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

// Server and page are one build: what is answered at a path is of its type.
const isAnswer = <Q extends Question>(body: unknown, _to: Q): body is Answers[Q] =>
  typeof body === 'object' && body !== null;

/** @throws Refused with what a person can do about it */
export async function ask<Q extends Question>(
  question: Q,
  query = '',
  signal: AbortSignal | null = null,
): Promise<Answers[Q]> {
  const response = await fetch(`/api/${question}?${query}`, { signal }).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Refused(0, 'The console has ended. Start it again: callwire console.');
  });
  if (response.status === 401) {
    throw new Refused(401, 'The console was started anew. Open the address that it printed.');
  }
  const body: unknown = await response.json();
  if (response.ok && isAnswer(body, question)) return body;
  throw new Refused(response.status, String(Object(body).error ?? 'This cannot be shown.'));
}
