import { externalId } from '../../calls/external-id.ts';
import { type CheckFinding, ok } from '../../check/check-finding.ts';
import { parseWritten } from '../../crm/late-facts.ts';
import { PermanentError, TransientError } from '../../errors.ts';
import type { CallEvent, Event } from '../../events/event.ts';
import { SECOND_MS } from '../../time.ts';
import type { Finding, Outgoing, Receipt, Sender, Target } from '../destination.ts';
import { chooseContact, forgetContact } from './contacts.ts';
import { salesforce as definition, type SalesforceSettings } from './index.ts';
import { quoted, type Salesforce, type SalesforceRecord, salesforceOver } from './salesforce.ts';
import { fieldsToWrite, taskFields } from './task.ts';

/** All requests of a delivery together: well within the lease of a worker. */
const TIMEOUT_MS = 25 * SECOND_MS;

function open({ settings, secrets }: Target<SalesforceSettings>): Salesforce {
  const server = (settings.baseUrl ?? settings.url).replace(/\/+$/, '');
  return salesforceOver({ server, settings, secrets }, AbortSignal.timeout(TIMEOUT_MS));
}

/** A CRM logs calls that are over; what a route sends besides needs no record. */
const isLogged = (event: Event): event is CallEvent =>
  'call' in event && event.type !== 'call.stale';

async function taskOf(
  salesforce: Salesforce,
  settings: SalesforceSettings,
  { call }: CallEvent,
): Promise<SalesforceRecord | undefined> {
  const [task] = await salesforce.select({
    fields: taskFields(settings),
    from: 'Task',
    where: `${settings.fields.callId} = ${quoted(externalId(call))}`,
  });
  return task;
}

const isTold = ({ values }: SalesforceRecord, event: CallEvent, settings: SalesforceSettings) =>
  parseWritten(values[settings.fields.written]).revision >= event.revision;

async function send(outgoing: Outgoing<SalesforceSettings>): Promise<Receipt> {
  const { event, settings } = outgoing;
  if (!isLogged(event)) return { skipped: 'no_outcome' };

  const salesforce = open(outgoing);
  const before = await taskOf(salesforce, settings, event);
  if (before !== undefined && isTold(before, event, settings)) return { task: before.id };

  // Whom a person tied it to, or an attempt before this one, stays: nobody is searched for.
  const choice = before?.values.WhoId
    ? { contact: before.values.WhoId }
    : await chooseContact(salesforce, settings, event.call);
  if ('declined' in choice) return { skipped: choice.declined };

  const { callId } = settings.fields;
  const { contact } = choice;
  const fields = fieldsToWrite(event, settings, contact, before?.values) ?? {};
  try {
    const task = await salesforce.upsert('Task', callId, externalId(event.call), fields);
    return { task, ...(contact === undefined ? {} : { contact }) };
  } catch (error) {
    const isGone = error instanceof PermanentError && error.reason === 'record_missing';
    // Deleted or merged since it was found: the next attempt looks again.
    if (!isGone || !forgetContact(settings, event.call)) throw error;
    throw new TransientError('A contact is gone from Salesforce', { reason: 'contact_gone' });
  }
}

async function find(outgoing: Outgoing<SalesforceSettings>): Promise<Finding> {
  const { event, settings } = outgoing;
  if (!isLogged(event)) return { state: 'absent' };
  const task = await taskOf(open(outgoing), settings, event);
  return task !== undefined && isTold(task, event, settings)
    ? { state: 'arrived', receipt: { task: task.id } }
    : { state: 'absent' };
}

/** Logs in and reads what every call needs, by an id that nothing has; writes nothing. */
async function probe(target: Target<SalesforceSettings>): Promise<readonly CheckFinding[]> {
  const { fields, contacts } = target.settings;
  const salesforce = open(target);
  const isNone = (field: string) => `${field} = ${quoted('callwire-check')}`;
  await salesforce.select({
    fields: taskFields(target.settings),
    from: 'Task',
    where: isNone(fields.callId),
  });
  if (contacts.none === 'create') {
    await salesforce.select({ fields: [fields.phone], from: 'Lead', where: isNone(fields.phone) });
  }
  return [
    ok('login', 'Salesforce lets Callwire log in'),
    ok('fields', 'it has the custom fields, and lets Callwire read them'),
  ];
}

/** Logs calls as tasks, each once: by its external id, and by looking before it is sent a second time. */
export const sender: Sender<SalesforceSettings> = { definition, send, find, probe };
