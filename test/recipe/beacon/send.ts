import type { Outgoing, Receipt, Sender } from '../../../lib/destinations/destination.ts';
import { PermanentError, TransientError } from '../../../lib/errors.ts';
import { neverSent, retryAfterMs } from '../../../lib/http.ts';
import { type BeaconSettings, beacon as definition } from './index.ts';

const TIMEOUT_MS = 10_000;

function refusalOf({ status, headers }: Response): Error {
  const asked = retryAfterMs(headers, new Date());
  const message = `Beacon answered ${status}`;
  if (status === 429) {
    return new TransientError(message, { reason: 'rate_limited', retryAfterMs: asked });
  }
  if (status >= 500 || status === 408 || status === 425) {
    const options = { reason: 'provider_error', retryAfterMs: asked, maybeDone: status >= 500 };
    return new TransientError(message, options);
  }
  return new PermanentError('refused', `${message}: see whether the token may write to the board.`);
}

async function send({ event, settings, secrets }: Outgoing<BeaconSettings>): Promise<Receipt> {
  const url = new URL('entries', settings.baseUrl ?? 'https://api.beacon.example/');
  let response: Response;
  try {
    response = await fetch(url, {
      method: 'PUT',
      headers: { authorization: `Bearer ${secrets.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ key: event.id, board: settings.board, event }),
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.arrayBuffer();
  } catch (error) {
    throw new TransientError('Beacon gave no answer', { maybeDone: !neverSent(error) });
  }
  if (!response.ok) throw refusalOf(response);
  return { key: event.id };
}

/** Without `find`: Beacon keeps one entry per key, however often it is put there. */
export const sender: Sender<BeaconSettings> = { definition, send };
