import type { LocalTemplate } from './declarations.ts';

/**
 * Everything that points at a queue, a function, a stream or a bus must find one in the template.
 *
 * @throws Error naming both ends
 */
export function refuseLooseEnds(loaded: LocalTemplate): void {
  const queues = new Set(loaded.queues.map(({ arn }) => arn));
  const functions = new Set(loaded.functions.map(({ name }) => name));
  const streams = new Set(loaded.tables.flatMap((t) => (t.streamView ? t.name : [])));
  const buses = new Set([...loaded.buses, 'default']);

  const check = (known: ReadonlySet<string>, from: string, target: string | undefined) => {
    if (target !== undefined && !known.has(target)) {
      throw new Error(`${from} points at ${target}, which the template does not have`);
    }
  };
  for (const { name, redrive } of loaded.queues) {
    check(queues, name, redrive?.deadLetterArn);
  }
  for (const { name, deadLetterArn } of [...loaded.functions, ...loaded.schedules]) {
    check(queues, name, deadLetterArn);
  }
  for (const { functionName, onFailureArn } of loaded.asyncPolicies) {
    check(functions, 'an invoke configuration', functionName);
    check(queues, functionName, onFailureArn);
  }
  for (const { id, queueArn, functionName } of loaded.queueMappings) {
    check(queues, id, queueArn);
    check(functions, id, functionName);
  }
  for (const { id, table, functionName, onFailureArn } of loaded.streamMappings) {
    check(streams, id, table);
    check(functions, id, functionName);
    check(queues, id, onFailureArn);
  }
  for (const { name, functionName } of loaded.schedules) {
    check(functions, name, functionName);
  }
  for (const { key, functionName } of loaded.httpApi?.routes ?? []) {
    check(functions, key, functionName);
  }
  for (const { name, busName, targets } of loaded.rules) {
    check(buses, name, busName);
    for (const { queueArn, deadLetterArn } of targets) {
      check(queues, name, queueArn);
      check(queues, name, deadLetterArn);
    }
  }
}
