import { atomically } from '../database.ts';
import { AwsError, type QueueService, type ServiceContext } from '../services.ts';
import { queueOperations } from './operations.ts';
import { createQueues } from './queues.ts';
import { toQueueMessage } from './received-message.ts';
import { parseSend } from './requests.ts';

/**
 * Queues as the local functions and the SQS client see them, kept in SQLite.
 *
 * @param endpoint where the server listens, for `GetQueueUrl`; any URL ending in a queue's name is understood
 */
export function createQueueService(
  context: ServiceContext,
  endpoint: () => string = () => 'http://localhost',
): QueueService {
  const { db } = context;
  const queues = createQueues(context);
  const operations = queueOperations(queues, db, endpoint);

  return {
    target: 'AmazonSQS',
    handle(operation, input) {
      const perform = operations.get(operation);
      if (perform === undefined) {
        throw new AwsError('UnknownOperationException', `SQS has no ${operation} here.`);
      }
      return perform(input) ?? {};
    },
    createQueue: queues.create,
    receive: (arn, limit, seconds) =>
      queues.receive(queues.ofArn(arn), limit, seconds).map(toQueueMessage),
    send: (arn, body, { delaySeconds, groupId, attributes } = {}) =>
      queues.send(
        queues.ofArn(arn),
        parseSend({
          MessageBody: body,
          DelaySeconds: delaySeconds,
          MessageGroupId: groupId,
          MessageAttributes: attributes,
        }),
      ),
    remove: (arn, handles) =>
      atomically(db, () => {
        for (const handle of handles) queues.remove(queues.ofArn(arn), handle);
      }),
    changeVisibility: (arn, handle, seconds) =>
      queues.changeVisibility(queues.ofArn(arn), handle, seconds),
    nextVisibleAt: (arn) => queues.nextVisibleAt(queues.ofArn(arn)),
    depth: (arn, until) => queues.depth(queues.ofArn(arn), until),
    onSend: queues.onSend,
  };
}
