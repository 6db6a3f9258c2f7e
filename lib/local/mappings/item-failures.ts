/**
 * What a function with `ReportBatchItemFailures` said about its batch: the identifiers that failed,
 * or `'all'` when the answer cannot be trusted. Nothing and an empty list mean success; an
 * identifier that is empty, missing or not of this batch fails the whole batch, as in AWS.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export function itemFailures(
  response: unknown,
  identifiers: ReadonlySet<string>,
): ReadonlySet<string> | 'all' {
  if (response === null || response === undefined) {
    return new Set();
  }
  if (typeof response !== 'object') {
    return 'all';
  }
  const failures = 'batchItemFailures' in response ? (response.batchItemFailures ?? []) : [];
  if (!Array.isArray(failures)) {
    return 'all';
  }
  const failed = new Set<string>();
  for (const failure of failures) {
    const id: unknown = Object(failure).itemIdentifier;
    if (typeof id !== 'string' || !identifiers.has(id)) {
      return 'all';
    }
    failed.add(id);
  }
  return failed;
}
