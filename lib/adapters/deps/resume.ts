import { SQSClient } from '@aws-sdk/client-sqs';
import { unreadableFields } from '../../calls/unreadable-item.ts';
import { resumeEnvSchema } from '../../config/env.ts';
import { watchBreakers } from '../../delivery/breaker-book.ts';
import type { ResumeDeps } from '../../delivery/resume.ts';
import { createLog } from '../../log.ts';
import { CLIENT_OPTIONS, documentClient } from '../aws-clients.ts';
import { dynamoBreakers } from '../dynamo-breakers.ts';
import { dynamoNotices } from '../dynamo-calls.ts';
import { dynamoDeliveryLists } from '../dynamo-delivery-lists.ts';
import { queuesByKind } from '../queues.ts';
import { loadDestinations, settingsIn } from './deliver.ts';

export function resumeDeps(env: NodeJS.ProcessEnv): ResumeDeps {
  const { CALLS_TABLE, CONTROL_TABLE, DELIVERIES_TABLE, DELIVER_QUEUES } =
    resumeEnvSchema.parse(env);
  const client = documentClient();
  const now = () => new Date();
  const log = createLog();
  const notify = dynamoNotices(client, CALLS_TABLE);
  return {
    destinations: () => loadDestinations(client, CONTROL_TABLE),
    settingsOf: settingsIn(client, CONTROL_TABLE, now),
    lists: dynamoDeliveryLists(client, DELIVERIES_TABLE, (error) =>
      log('error', 'a delivery cannot be read', unreadableFields(error)),
    ),
    breakers: watchBreakers(dynamoBreakers(client, DELIVERIES_TABLE), now),
    queueOf: queuesByKind(new SQSClient(CLIENT_OPTIONS), DELIVER_QUEUES),
    announce: async (event) => {
      await notify(event);
    },
    now,
    log,
  };
}
