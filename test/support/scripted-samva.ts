import type { HttpClient } from '../../lib/http.ts';

export type SamvaRow = Readonly<Record<string, unknown>> & { readonly id: string };

/** A call of Samva's that is over, with every field that its pages show; times are seconds from `at`. */
export const samvaRow = (id: string, at: Date, facts: Record<string, unknown> = {}): SamvaRow => {
  const after = (seconds: number) => new Date(at.getTime() + seconds * 1000).toISOString();
  return {
    id,
    transport: 'pstn',
    direction: 'inbound',
    from: '+96170123456',
    to: '+9611234567',
    voiceAgentId: 'agent-1',
    status: 'completed',
    initiatedAt: after(0),
    answeredAt: after(2),
    endedAt: after(30),
    durationSeconds: 28,
    summary: null,
    recordingUrl: null,
    transcriptUrl: null,
    createdAt: after(0),
    updatedAt: after(30),
    ...facts,
  };
};

/** Samva's list on one page, over rows that a test may change at any time. */
export function scriptedSamva(now: () => Date) {
  const rows: SamvaRow[] = [];
  let asked = 0;
  const http: HttpClient = async () => {
    asked += 1;
    const body = {
      items: structuredClone(rows),
      pagination: { page: 1, limit: 100, total: rows.length, totalPages: 1 },
    };
    return { body, requestedAt: now(), receivedAt: now() };
  };
  return { http, rows, asked: () => asked };
}
