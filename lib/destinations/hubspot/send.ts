import { externalId } from '../../calls/external-id.ts';
import { type CheckFinding, ok } from '../../check/check-finding.ts';
import type { CallEvent, Event } from '../../events/event.ts';
import { SECOND_MS } from '../../time.ts';
import type { Finding, Outgoing, Receipt, Sender, Target } from '../destination.ts';
import { connect } from './connection.ts';
import { associate, chooseContact } from './contacts.ts';
import { type HubSpot, hubspotOver } from './hubspot.ts';
import { hubspot as definition, type HubSpotSettings } from './index.ts';
import { propertiesToWrite, RECORD_PROPERTIES } from './record.ts';
import { probeSchema } from './schema.ts';

const API = 'https://api.hubapi.com';

/** All requests of a delivery together: well within the lease of a worker. */
const TIMEOUT_MS = 25 * SECOND_MS;

/** Writes what this version of the call tells; a later version that stands there already is left alone. */
async function writeRecord(hubspot: HubSpot, settings: HubSpotSettings, event: CallEvent) {
  const { property } = settings;
  const key = externalId(event.call);
  const before = await hubspot.read('calls', key, property, RECORD_PROPERTIES);
  const properties = propertiesToWrite(event, settings, before?.properties);
  if (before !== undefined && properties === undefined) return before;
  const { id } = await hubspot.upsert('calls', key, property, properties ?? {});
  return { id, hasContact: before?.hasContact ?? false };
}

/** A CRM logs calls that are over; what a route sends besides needs no record. */
const isLogged = (event: Event): event is CallEvent =>
  'call' in event && event.type !== 'call.stale';

async function send({ event, settings, secrets }: Outgoing<HubSpotSettings>): Promise<Receipt> {
  if (!isLogged(event)) return { skipped: 'no_outcome' };

  const { property, contacts, baseUrl = API } = settings;
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const hubspot = hubspotOver(connect(baseUrl, secrets.token ?? '', signal), property);
  const choose = () => chooseContact(hubspot, settings, event.call);

  // The record first, so that the call is there even while the search is not; unless whether there is
  // to be one depends on it.
  const mayDecline = contacts.none === 'skip' || contacts.many === 'skip';
  const early = mayDecline ? await choose() : undefined;
  if (early !== undefined && 'declined' in early) return { skipped: early.declined };

  const { id: call, hasContact } = await writeRecord(hubspot, settings, event);
  // Whom a person associated it with, or an attempt before this one, stays.
  if (hasContact) return { call };
  const choice = early ?? (await choose());
  if ('declined' in choice || choice.contact === undefined) return { call };
  await associate(hubspot, settings, event.call, call, choice.contact);
  return { call, contact: choice.contact };
}

/** Whether a record tells all of this already: then a replay does not even look for a contact again. */
async function readBack(outgoing: Outgoing<HubSpotSettings>): Promise<Finding> {
  const { event, settings, secrets } = outgoing;
  if (!isLogged(event)) return { state: 'absent' };
  const { property, baseUrl = API } = settings;
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const hubspot = hubspotOver(connect(baseUrl, secrets.token ?? '', signal), property);
  const record = await hubspot.read('calls', externalId(event.call), property, RECORD_PROPERTIES);
  const isTold =
    record !== undefined && propertiesToWrite(event, settings, record.properties) === undefined;
  return isTold ? { state: 'arrived', receipt: { call: record.id } } : { state: 'absent' };
}

/** Reads what every call needs, and writes nothing. */
async function probe({
  settings,
  secrets,
}: Target<HubSpotSettings>): Promise<readonly CheckFinding[]> {
  const { property, baseUrl = API } = settings;
  const connection = connect(baseUrl, secrets.token ?? '', AbortSignal.timeout(TIMEOUT_MS));
  const schema = await probeSchema(connection, property);
  await hubspotOver(connection, property).read('calls', 'callwire-check', property, []);
  return [ok('token', 'HubSpot accepts it, and lets it read calls'), schema];
}

/** Logs calls. There is no `find`: a call is one record however often it is sent. */
export const sender: Sender<HubSpotSettings> = { definition, send, readBack, probe };
