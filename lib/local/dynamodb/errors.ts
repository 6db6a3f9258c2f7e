import { AwsError } from '../services.ts';

/** What DynamoDB answers when a request is wrong in itself, whatever is stored. */
export const validationError = (message: string): AwsError =>
  new AwsError('ValidationException', message);

/** The form of `validationError` that DynamoDB uses for values inside items. */
export const invalidParameter = (message: string): AwsError =>
  validationError(`One or more parameter values were invalid: ${message}`);

export const tableNotFound = (): AwsError =>
  new AwsError('ResourceNotFoundException', 'Requested resource not found');
