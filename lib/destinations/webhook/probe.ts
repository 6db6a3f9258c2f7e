import { type CheckFinding, ok, wrong } from '../../check/check-finding.ts';
import { shown } from '../../config/finding.ts';
import type { Target } from '../destination.ts';
import { guardedLookup, RefusedAddressError, type Resolve } from './guarded-lookup.ts';
import { problemWith, type WebhookSettings } from './index.ts';
import { signatureHeaders } from './signature.ts';

/** Whether a name leads somewhere that may be posted to. */
async function addressFinding(
  resolve: Resolve,
  url: URL,
  allowLoopback: boolean,
): Promise<CheckFinding> {
  const { hostname } = url;
  const refuse = (why: string, fix: string) => wrong('address', `${shown(hostname)} ${why}`, fix);
  const problem = problemWith(url, allowLoopback);
  if (problem !== undefined) {
    return refuse(problem, 'Correct the url of this destination.');
  }
  const lookup = guardedLookup(allowLoopback ? ['internet', 'machine'] : ['internet'], resolve);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const error = await new Promise<Error | null>((done) => lookup(host, { all: true }, done));
  if (error === null) return ok('address', `${shown(hostname)} may be posted to`);
  return error instanceof RefusedAddressError
    ? refuse('leads to no address on the internet', 'Correct the url of this destination.')
    : refuse('cannot be looked up', 'Correct the url of this destination, or the network here.');
}

/** Looks whether the secrets are such that can sign, and whether the address is allowed; posts nothing. */
export async function probeWith(
  resolve: Resolve,
  url: URL,
  { settings, secrets }: Target<WebhookSettings>,
): Promise<readonly CheckFinding[]> {
  const { secret = '', previousSecret = '' } = secrets;
  signatureHeaders({ id: 'check', at: new Date(), body: '' }, `${secret} ${previousSecret}`);
  return [
    ok('secret', 'it can sign events'),
    await addressFinding(resolve, url, settings.allowLoopback),
  ];
}
