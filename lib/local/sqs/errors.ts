import { AwsError } from '../services.ts';

export function invalidParameter(reason: string): AwsError {
  return new AwsError('InvalidParameterValue', `A parameter is invalid. Reason: ${reason}`);
}

/**
 * An error's code in SQS's older query protocol, which clients still receive in a header and expose:
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-json-faqs.html
 */
export function queryErrorCode(name: string): string {
  if (name === 'QueueDoesNotExist') return 'AWS.SimpleQueueService.NonExistentQueue';
  return PREFIXED_ERRORS.has(name) ? `AWS.SimpleQueueService.${name}` : name;
}

const PREFIXED_ERRORS = new Set([
  'BatchEntryIdsNotDistinct',
  'BatchRequestTooLong',
  'EmptyBatchRequest',
  'InvalidBatchEntryId',
  'MessageNotInflight',
  'TooManyEntriesInBatchRequest',
]);
